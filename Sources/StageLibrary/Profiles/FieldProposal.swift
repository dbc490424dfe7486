import Charts
import DataFrames
import TableTypes

/// The field that all values of a column fit, and why.
struct FieldProposal {
    var field: TableSchema.Field
    private(set) var remarks: [String] = []
    private let profile: ColumnProfile
    private let rows: Int
    /// Whether every row has a value of its own, of a type that can tell rows apart.
    private(set) var canBeKey = false

    /// So many levels are worth an enum.
    private static let mostOfEnum = 20
    /// A text that is longer is no key.
    private static let longestKey = 64

    /// - Parameter doubtful: Texts that mean null in other tables, and are values here.
    init(
        _ column: TableProfile.Column, rows: Int, typing: TableProfile.Typing,
        doubtful: [(text: String, tally: ColumnProfile.Tally)]
    ) {
        profile = column.profile
        self.rows = rows
        let type: TableSchema.FieldType
        switch typing {
        case .texts: type = profile[.array].count > 0 ? .array : profile.typeOfTexts
        case .values: type = profile.typeOfJSON
        case .columns:
            let isText = column.declared == .text || column.declared == .category
            type =
                isText && profile.isCategory
                ? .category : SchemaInference.fieldType(column.declared ?? .text)
        }
        field = TableSchema.Field(column.name, type, role: column.role)
        let patterns = typing == .columns ? [] : Self.patterns(profile, typing)
        if let first = patterns.first, patterns.count == 1 {
            field.type = first.hasTime ? .datetime : .date
            field.format = first.format
        }
        field.constraints.required = rows > 0 && profile.count == rows
        if field.type == .category, let levels = profile.levels, levels.count <= Self.mostOfEnum {
            field.type = .string
            field.constraints.levels = levels.map(\.text)
        }
        canBeKey =
            field.constraints.required && rows > 1 && profile.isUnique == true
            && [.integer, .string, .date, .datetime].contains(field.type)
            && (profile.lengths?.most ?? 0) <= Self.longestKey
        remarks = [facts]
        if field.format == nil, let near { remarks.append(near) }
        if patterns.count > 1 {
            let formats = patterns.map { "'\($0.format)'" }.joined(separator: " as well as by ")
            let type = patterns[0].hasTime ? "datetime" : "date"
            remarks.append(
                "Every value reads as a \(type) by \(formats): type: \(type) with the right one as format makes it one."
            )
        }
        if field.columnType == .text || field.columnType == .category, profile[.padded].count > 0 {
            remarks.append(padded)
        }
        remarks += doubtful.map { text, tally in
            "\(Self.quoted(text)) stands \(Self.number(tally.count, "time")), first in row \(tally.examples[0].row): "
                + "if it means no value, add it to missingValues."
        }
        if typing == .columns, field.columnType == .text, let told = profile.typeIfTexts {
            remarks.append(
                "Every text reads as a \(told.rawValue): type: \(told.rawValue) would make it one.")
        }
    }

    /// How all values read as dates or times; digits alone do so of likely years only.
    private static func patterns(
        _ profile: ColumnProfile, _ typing: TableProfile.Typing
    ) -> [(format: String, hasTime: Bool)] {
        guard profile[.integer].count > 0 else { return profile.datePatterns }
        let isLikely = profile.integers.map { $0.least >= 1700_01_01 && $0.most <= 2200_01_01 } ?? false
        return typing == .texts && isLikely ? profile.datePatterns : []
    }

    /// Makes it the field that tells rows apart.
    mutating func becomeKey(role: ColumnRole?) {
        field.role = role ?? .id
        // The primary key says so already.
        field.constraints.required = false
        if role == nil {
            remarks.append("It is the key and an id by its name; without the role it is a feature.")
        }
    }

    // MARK: What was seen

    /// `9,966 values, 34 nulls; 53 different; 19 to 75`
    private var facts: String {
        let count = profile.count
        if count == 0 { return "No row has a value, so nothing is known of its type." }
        var facts = [
            count == rows
                ? "A value in every row"
                : "\(Self.number(count, "value")), \(Self.number(rows - count, "null"))"
        ]
        if let levels = listedLevels {
            facts.append(
                levels.count == 1
                    ? "always \(Self.quoted(levels[0].text))"
                    : "\(levels.count) different: \(Self.text(levels))")
        } else if profile.isUnique == true, count > 1 {
            facts.append("none comes twice")
        } else if let distinct = profile.distinct {
            facts.append("\(NumberText.count(distinct)) different")
        } else {
            facts.append("too many different ones to count")
        }
        if let range, listedLevels == nil || field.columnType != .category { facts.append(range) }
        return Self.sentence(facts.joined(separator: "; "))
    }

    private var listedLevels: [(text: String, count: Int)]? {
        guard let levels = profile.levels, levels.count <= Self.mostOfEnum,
            field.columnType == .category || field.columnType == .boolean || levels.count <= 8,
            levels.count * 4 <= profile.count, levels.allSatisfy({ $0.text.utf8.count <= 64 })
        else { return nil }
        return levels
    }

    /// The most frequent first.
    private static func text(_ levels: [(text: String, count: Int)]) -> String {
        let sorted = levels.enumerated().sorted {
            ($1.element.count, $0.offset) < ($0.element.count, $1.offset)
        }
        return sorted.prefix(6).map { "\(quoted($0.element.text)) \(NumberText.count($0.element.count))" }
            .joined(separator: ", ") + (levels.count > 6 ? ", ..." : "")
    }

    private var range: String? {
        switch field.type {
        case .date where field.format != nil, .datetime where field.format != nil: nil
        case .integer: profile.integers.map { "\($0.least) to \($0.most)" }
        case .number:
            {
                let all = [
                    profile.integers.map { [Double($0.least), Double($0.most)] },
                    profile.numbers.map { [$0.least, $0.most] },
                ].compactMap { $0 }.flatMap { $0 }
                guard let least = all.min(), let most = all.max() else { return nil }
                return "\(NumberText.shortest(least)) to \(NumberText.shortest(most))"
            }()
        case .date:
            profile.dates.flatMap { dates in
                FieldText.text(days: dates.least).flatMap { from in
                    FieldText.text(days: dates.most).map { "\(from) to \($0)" }
                }
            }
        case .datetime:
            profile.timestamps.flatMap { times in
                FieldText.text(microseconds: times.least).flatMap { from in
                    FieldText.text(microseconds: times.most).map { "\(from) to \($0)" }
                }
            }
        case .string, .category:
            profile.lengths.map {
                $0.least == $0.most
                    ? "each of \(Self.number($0.least, "character"))"
                    : "\($0.least) to \(Self.number($0.most, "character"))"
            }
        default: nil
        }
    }

    /// What kept it from a narrower type: `integer but for 3 of 10,000 values (99.97% fit): 'n/a' in row 17`.
    private var near: String? {
        let all = profile.count
        let wider = [.string, .category, .number, .any].contains(field.type)
        guard wider, all > 0 else { return nil }
        var best: (type: TableSchema.FieldType, fitting: Int, classes: [ValueClass])?
        for (type, classes) in ColumnProfile.candidates where type != field.type {
            let fitting = classes.reduce(0) { $0 + profile[$1].count }
            // A number is no integer for being now and then a whole one.
            let least = field.type == .number ? all - all / 20 : (all + 1) / 2
            if fitting < all, fitting >= max(1, least), fitting > best?.fitting ?? 0 {
                best = (type, fitting, classes)
            }
        }
        guard let best else { return nil }
        let examples = ValueClass.allCases.filter { !best.classes.contains($0) }
            .flatMap { profile[$0].examples }.sorted { $0.row < $1.row }.prefix(3)
        // What is nearly all is not called all.
        let share = min(0.9999, Double(best.fitting) / Double(all))
        let others = examples.map { "\(Self.quoted($0.text)) in row \($0.row)" }.joined(separator: ", ")
        return Self.sentence(
            "\(best.type.rawValue) but for \(NumberText.count(all - best.fitting)) of \(Self.number(all, "value")) "
                + "(\(NumberText.percent(share, 2)) fit): \(others)"
                + (all - best.fitting > examples.count ? ", ..." : ""))
    }

    private var padded: String {
        let tally = profile[.padded]
        let example = tally.examples.first.map { ", such as \(Self.quoted($0.text)) in row \($0.row)" } ?? ""
        return "\(Self.number(tally.count, "value")) \(tally.count == 1 ? "has" : "have") zeros before "
            + "the digits\(example): as integers they would lose them."
    }

    /// With a point at the end, unless it goes on.
    private static func sentence(_ text: String) -> String { text.hasSuffix("...") ? text : text + "." }

    private static func number(_ count: Int, _ noun: String) -> String {
        "\(NumberText.count(count)) \(noun)\(count == 1 ? "" : "s")"
    }

    private static func quoted(_ text: String) -> String { "'\(shortened(text))'" }
}

extension ColumnProfile {
    /// The type that texts would be read as where they need not be texts; nil if none.
    fileprivate var typeIfTexts: TableSchema.FieldType? {
        let type = typeOfTexts
        return type == .string || type == .category ? nil : type
    }
}
