import TableTypes

/// The types that all values fit.
extension ColumnProfile {
    /// Of texts: the narrowest type all of them read as. Digits with zeros before them stay texts, as do a few values
    /// that come again and again, which are a category.
    public var typeOfTexts: TableSchema.FieldType {
        let all = count
        if all == 0 { return .string }
        for (type, kinds) in Self.candidates where kinds.reduce(0, { $0 + self[$1].count }) == all {
            return type
        }
        return isCategory ? .category : .string
    }

    /// What typed texts may be, narrowest first, and the classes that are values of it.
    public static let candidates: [(type: TableSchema.FieldType, classes: [ValueClass])] = [
        (.boolean, [.boolean]), (.integer, [.integer]), (.number, [.integer, .number]), (.date, [.date]),
        (.datetime, [.timestamp]),
    ]

    /// Of values of JSON, in which a number in quotes is a text.
    public var typeOfJSON: TableSchema.FieldType {
        let kinds = Set(ValueClass.allCases.filter { self[$0].count > 0 })
        switch kinds {
        case []: return .string
        case [.boolean]: return .boolean
        case [.integer]: return .integer
        case [.number], [.integer, .number]: return .number
        case [.object]: return .object
        case [.array]: return .array
        case [.date]: return .date
        case [.timestamp]: return .datetime
        default:
            if !kinds.isDisjoint(with: [.object, .array]) { return .any }
            return kinds.isSubset(of: [.date, .timestamp, .text]) && isCategory ? .category : .string
        }
    }

    /// Whether values come four times or more on average and are at most 100.
    public var isCategory: Bool {
        guard let distinct, distinct <= Self.mostLevels else { return false }
        return distinct > 0 && distinct * 4 <= count
    }
}
