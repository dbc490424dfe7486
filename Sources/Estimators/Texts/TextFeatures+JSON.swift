public import CanonicalJSON

extension TextFeatures {
    /// All that the model is.
    public var description: JSONValue {
        [
            "estimator": "text-features", "analysis": analysis.json, "weighting": weighting.json,
            "terms": .strings((0..<vocabulary.count).map { vocabulary[$0] }),
            "texts": .integer(Int64(texts)),
            "texts_with_term": .array(textsWithTerm.map { .integer(Int64($0)) }),
        ]
    }

    /// The model whose `description` this is.
    ///
    /// - Throws: `EstimatorError` that names the key at fault.
    public init(description: JSONValue) throws(EstimatorError) {
        _ = try architectureWord(description["estimator"], "estimator", ["text-features"])
        guard let terms = description["terms"]?.strings else {
            throw .architecture(key: "terms", expected: "a list of texts")
        }
        guard let texts = description["texts"]?.integer, let list = description["texts_with_term"]?.array
        else {
            throw .architecture(
                key: "texts", expected: "how many were learned from, with 'texts_with_term' of each term")
        }
        try self.init(
            TextAnalysis(description["analysis"]), TermWeighting(description["weighting"]), TextList(terms),
            // What is no whole number is no number of texts.
            textsWithTerm: list.map { Int($0.integer ?? 0) }, texts: Int(texts))
    }
}

extension HashedTextFeatures {
    /// All that the features are.
    public var description: JSONValue {
        [
            "estimator": "hashed-text-features", "analysis": analysis.json, "width": .integer(Int64(width)),
            "alternates_signs": .boolean(alternatesSigns), "norm": .string(norm.rawValue),
        ]
    }

    /// The features whose `description` this is.
    ///
    /// - Throws: `EstimatorError` that names the key at fault.
    public init(description: JSONValue) throws(EstimatorError) {
        _ = try architectureWord(description["estimator"], "estimator", ["hashed-text-features"])
        guard let width = description["width"]?.integer else {
            throw .architecture(key: "width", expected: "a whole number")
        }
        try self.init(
            TextAnalysis(description["analysis"]), width: Int(width),
            alternatesSigns: architectureFlag(description["alternates_signs"], "alternates_signs"),
            norm: TermWeighting.Norm(description["norm"]))
    }
}

extension TextAnalysis {
    var json: JSONValue {
        var json: JSONValue = [
            "lowercase": .boolean(lowercase),
            "lengths": [.integer(Int64(lengths.lowerBound)), .integer(Int64(lengths.upperBound))],
        ]
        switch unit {
        case .words(let length):
            json["unit"] = "words"
            json["minimum_length"] = .integer(Int64(length))
        case .characters: json["unit"] = "characters"
        case .charactersInWords: json["unit"] = "characters-in-words"
        }
        return json
    }

    init(_ json: JSONValue?) throws(EstimatorError) {
        let bounds = (json?["lengths"]?.array ?? []).compactMap(\.integer)
        guard bounds.count == 2, bounds[0] <= bounds[1] else {
            throw .architecture(key: "lengths", expected: "two whole numbers, the second not below the first")
        }
        let unit: Unit
        switch try architectureWord(json?["unit"], "unit", ["words", "characters", "characters-in-words"]) {
        case "words":
            unit = .words(minimumLength: try architectureSize(json?["minimum_length"], "minimum_length"))
        case "characters": unit = .characters
        default: unit = .charactersInWords
        }
        self.init(
            unit: unit, lengths: Int(bounds[0])...Int(bounds[1]),
            lowercase: try architectureFlag(json?["lowercase"], "lowercase"))
        try check()
    }
}

extension TermWeighting {
    var json: JSONValue {
        [
            "sublinear": .boolean(sublinear), "inverse_frequency": .boolean(usesInverseFrequency),
            "smooth": .boolean(smooth), "norm": .string(norm.rawValue),
        ]
    }

    init(_ json: JSONValue?) throws(EstimatorError) {
        self.init(
            sublinear: try architectureFlag(json?["sublinear"], "sublinear"),
            usesInverseFrequency: try architectureFlag(json?["inverse_frequency"], "inverse_frequency"),
            smooth: try architectureFlag(json?["smooth"], "smooth"), norm: try Norm(json?["norm"]))
    }
}

extension TermWeighting.Norm {
    init(_ json: JSONValue?) throws(EstimatorError) {
        let word = try architectureWord(json, "norm", Self.allCases.map(\.rawValue))
        self = Self(rawValue: word) ?? .none
    }
}

private func architectureFlag(_ value: JSONValue?, _ key: String) throws(EstimatorError) -> Bool {
    guard let flag = value?.bool else { throw .architecture(key: key, expected: "true or false") }
    return flag
}
