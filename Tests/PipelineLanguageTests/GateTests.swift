import PipelineLanguage
import Testing

@Suite struct GateTests {
    @Test(arguments: [
        (">= 0.70", 0.70, true), (">= 0.70", 0.6999, false), ("<=0.1", 0.1, true), ("> 1", 1.0, false),
        ("  < 2", 1.5, true), ("== 3", 3.0, true), ("!= 3", 3.0, false),
    ])
    func aBoundIsJudgedAsWritten(condition: String, value: Double, passes: Bool) throws {
        let gate = try #require(Gate(metric: "auc", condition: condition))
        #expect(gate.passes(value) == passes)
    }

    @Test(arguments: [">=", "0.7", ">= high", "=> 0.7", "", ">= nan", "> 1 2"])
    func whatIsNoBoundIsRefused(condition: String) {
        #expect(Gate(metric: "auc", condition: condition) == nil)
    }

    @Test func aNaNPassesNoGate() throws {
        for relation in Gate.Relation.allCases {
            let gate = try #require(Gate(metric: "auc", condition: "\(relation.rawValue) 0.5"))
            #expect(!gate.passes(.nan))
        }
    }
}
