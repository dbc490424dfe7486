public import CanonicalJSON

extension BytePairVocabulary {
    /// All that the vocabulary is; tokens follow from it.
    public var description: JSONValue {
        var text = ""
        text.unicodeScalars.append(contentsOf: alphabet)
        return [
            "estimator": "byte-pairs", "unit": .string(unit.rawValue), "alphabet": .string(text),
            "merges": .array(merges.flatMap { [.integer(Int64($0.left)), .integer(Int64($0.right))] }),
        ]
    }

    /// The vocabulary whose `description` this is.
    ///
    /// - Throws: `EstimatorError` that names the key at fault.
    public init(description: JSONValue) throws(EstimatorError) {
        _ = try architectureWord(description["estimator"], "estimator", ["byte-pairs"])
        let word = try architectureWord(description["unit"], "unit", Unit.allCases.map(\.rawValue))
        guard let text = description["alphabet"]?.string, word == "characters" || text.isEmpty else {
            throw .architecture(key: "alphabet", expected: "a text, empty where units are bytes")
        }
        guard let list = description["merges"]?.array, list.count % 2 == 0 else {
            throw .architecture(key: "merges", expected: "a list of whole numbers, two a merge")
        }
        var ids: [Int32] = []
        for value in list {
            guard let number = value.integer, let id = Int32(exactly: number) else {
                throw .architecture(key: "merges", expected: "a list of whole numbers, two a merge")
            }
            ids.append(id)
        }
        let merges = stride(from: 0, to: ids.count, by: 2).map { Merge(left: ids[$0], right: ids[$0 + 1]) }
        try self.init(Unit(rawValue: word) ?? .bytes, Array(text.unicodeScalars), merges)
    }
}
