/// How two columns go together; nil where one of them is constant where both have values.
struct Relation {
    enum Measure {
        case correlation(pearson: Double?, spearman: Double?)
        case cramersV(Double?)
        case ratio(Double?)
    }

    let one: String
    let other: String
    let measure: Measure

    init(_ one: String, _ other: String, _ measure: Measure) {
        (self.one, self.other, self.measure) = (one, other, measure)
    }

    /// From 0 to 1: of two correlations the larger one.
    var strength: Double? {
        switch measure {
        case .correlation(let pearson, let spearman):
            [pearson, spearman].compactMap { $0?.magnitude }.max()
        case .cramersV(let value), .ratio(let value): value
        }
    }

    var name: String {
        switch measure {
        case .correlation(let pearson, let spearman):
            (spearman?.magnitude ?? 0) > (pearson?.magnitude ?? 0) ? "Spearman" : "Pearson"
        case .cramersV: "Cramér's V"
        case .ratio: "correlation ratio"
        }
    }

    /// The one of `name`, with its sign.
    var value: Double? {
        switch measure {
        case .correlation(let pearson, let spearman): name == "Spearman" ? spearman : pearson
        case .cramersV(let value), .ratio(let value): value
        }
    }
}
