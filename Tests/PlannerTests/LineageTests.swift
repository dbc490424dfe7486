import Planner
import Testing

@Suite struct LineageTests {
    let whole = Lineage(source: "applications")

    @Test func partsOfOneSplitAreDisjoint() {
        let train = whole.cut(by: "split", to: "train")
        let test = whole.cut(by: "split", to: "test")
        #expect(train.overlap(withTested: test) == .none)
        #expect(
            train.overlap(withTested: train)
                == .certain(train.strands.first!, train.strands.first!))
    }

    @Test func theWholeOverlapsEveryPartOfIt() {
        let test = whole.cut(by: "split", to: "test")
        #expect(whole.overlap(withTested: test) == .certain(whole.strands.first!, test.strands.first!))
        #expect(test.overlap(withTested: whole) == .certain(test.strands.first!, whole.strands.first!))
    }

    @Test func partsOfTwoSplitsOfOneTableOverlap() {
        let a = whole.cut(by: "a", to: "train")
        let b = whole.cut(by: "b", to: "test")
        #expect(a.overlap(withTested: b) == .certain(a.strands.first!, b.strands.first!))
    }

    @Test func aPartOfAPartStaysInsideIt() {
        let train = whole.cut(by: "outer", to: "train")
        let inner = train.cut(by: "inner", to: "test")
        #expect(inner.overlap(withTested: whole.cut(by: "outer", to: "test")) == .none)
        #expect(train.cut(by: "inner", to: "train").overlap(withTested: inner) == .none)
        #expect(inner.overlap(withTested: train) != .none)
    }

    @Test func mixedPartsOverlapOnlyPossibly() {
        let train = whole.cut(by: "split", to: "train")
        let test = whole.cut(by: "split", to: "test")
        let mixed = train.union(test)
        #expect(mixed.isMixed && !train.isMixed)
        #expect(train.overlap(withTested: mixed) == .possible(train.strands.first!, train.strands.first!))
        #expect(mixed.overlap(withTested: test) == .possible(test.strands.first!, test.strands.first!))
    }

    @Test func differentSourcesNeverOverlap() {
        #expect(whole.overlap(withTested: Lineage(source: "others")) == .none)
        #expect(Lineage().overlap(withTested: whole) == .none)
    }

    @Test func aStrandReadsAsItsPath() {
        let inner = whole.cut(by: "outer", to: "train").cut(by: "inner", to: "test")
        #expect("\(inner.strands.first!)" == "applications, outer.train, inner.test")
    }
}
