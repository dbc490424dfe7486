import TableTypes

/// What was seen of one column while all its values passed: how many are of which class, the first of each, the
/// smallest and largest, and how many are different. Memory does not grow with the rows but for the hashes of
/// different values.
public struct ColumnProfile: Sendable {
    /// A value that was met, and in which row, from 1.
    public struct Example: Hashable, Sendable {
        public var row: Int
        public var text: String
    }

    /// The values of one class.
    public struct Tally: Hashable, Sendable {
        public internal(set) var count = 0
        /// The first different ones.
        public internal(set) var examples: [Example] = []
    }

    /// The smallest and the largest of what was met.
    public struct Extent<Value: Comparable & Sendable>: Sendable {
        public private(set) var least: Value
        public private(set) var most: Value

        init(_ value: Value) { (least, most) = (value, value) }

        @inline(__always)
        mutating func take(_ value: Value) {
            if value < least { least = value }
            if value > most { most = value }
        }
    }

    private static let examples = 3
    /// So many levels are counted; a column of more has too many to list.
    public static let mostLevels = 100

    // Shared until a value comes: of many columns, most may have few.
    private static let noTallies = [Tally](repeating: Tally(), count: ValueClass.allCases.count)
    private static let noMarkers = SchemaMarkers.texts.map { _ in Tally() }
    private static let allPatterns = Array(DatePatterns.all.indices)

    private var tallies = Self.noTallies
    /// Texts that stand for no value, if they were told.
    let told: MissingFields?
    /// Of each text that might stand for no value, where none were told.
    private var markers: [Tally]
    public private(set) var integers: Extent<Int64>?
    /// Of all that have a decimal point or exponent.
    public private(set) var numbers: Extent<Double>?
    /// Days since 1970-01-01.
    public private(set) var dates: Extent<Int32>?
    /// Microseconds since 1970-01-01T00:00:00Z.
    public private(set) var timestamps: Extent<Int64>?
    /// Of texts, in Unicode scalars.
    public private(set) var lengths: Extent<Int>?
    /// Texts that begin or end with a blank.
    public private(set) var blankEnds = 0
    /// Patterns of dates and times by which all values so far read, as places among `DatePatterns.all`.
    private var patterns = Self.allPatterns
    private var values = DistinctValues()
    /// Of each level, by its hash, its place among the counts.
    private var levelPlaces: [UInt64: Int] = [:]
    private var levelCounts: [(text: String, count: Int)] = []

    /// - Parameter missing: Texts that stand for no value; nil takes the empty one, and sets apart what programs write
    ///   (`SchemaMarkers.texts`) until `decide` says what it is.
    public init(missing: Set<String>?) {
        told = missing.map { MissingFields($0, .text) }
        markers = missing == nil ? Self.noMarkers : []
    }

    /// Values of a class.
    public subscript(_ kind: ValueClass) -> Tally { tallies[kind.rawValue] }

    /// All values; rows that have none do not count.
    public var count: Int { tallies.reduce(0) { $0 + $1.count } }

    /// Different values; nil if there were too many to count.
    public var distinct: Int? { values.isOver ? nil : values.count }

    /// Whether no value came twice; nil if there were too many to know.
    public var isUnique: Bool? { values.hasRepeats ? false : values.isOver ? nil : true }

    /// The different values and how often each came, in the order of their bytes; nil if they are too many to list.
    public var levels: [(text: String, count: Int)]? {
        guard levelCounts.count <= Self.mostLevels else { return nil }
        return levelCounts.sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
    }

    /// Texts that may stand for no value, as far as they came.
    public var markersFound: [(text: String, tally: Tally)] {
        zip(SchemaMarkers.texts, markers).filter { $1.count > 0 }.map { ($0, $1) }
    }

    /// The patterns of dates and times by which all values read, the likelier ones first; none where there is no value.
    public var datePatterns: [(format: String, hasTime: Bool)] {
        count == 0 ? [] : patterns.map { (DatePatterns.all[$0].pattern.text, DatePatterns.all[$0].hasTime) }
    }

    // MARK: Taking values

    @inline(__always)
    mutating func take(_ kind: ValueClass, _ text: UnsafeBufferPointer<UInt8>, row: Int) {
        count(kind, text, row: row)
        let hash = TextHash.of(text)
        values.insert(hash)
        guard levelCounts.count <= Self.mostLevels else { return }
        if let level = levelPlaces[hash] {
            levelCounts[level].count &+= 1
        } else {
            levelPlaces[hash] = levelCounts.count
            levelCounts.append((String(decoding: text, as: UTF8.self), 1))
        }
    }

    @inline(__always)
    private mutating func count(_ kind: ValueClass, _ text: UnsafeBufferPointer<UInt8>, row: Int) {
        if !patterns.isEmpty { keepPatterns(kind, text) }
        tallies[kind.rawValue].count &+= 1
        if tallies[kind.rawValue].examples.count < Self.examples { note(kind, text, row) }
    }

    @inline(never)
    private mutating func keepPatterns(_ kind: ValueClass, _ text: UnsafeBufferPointer<UInt8>) {
        guard kind == .text || kind == .integer, let start = text.baseAddress else {
            patterns = []
            return
        }
        patterns.removeAll { DatePatterns.all[$0].pattern.date(start, text.count) == nil }
    }

    @inline(never)
    private mutating func note(_ kind: ValueClass, _ text: UnsafeBufferPointer<UInt8>, _ row: Int) {
        let text = String(decoding: text, as: UTF8.self)
        guard !tallies[kind.rawValue].examples.contains(where: { $0.text == text }) else { return }
        tallies[kind.rawValue].examples.append(Example(row: row, text: text))
    }

    @inline(__always)
    mutating func extend(_ reading: FieldBytes.Reading, _ text: UnsafeBufferPointer<UInt8>) -> ValueClass {
        switch reading {
        case .boolean: return .boolean
        case .integer(let value):
            Self.extend(&integers, value)
            return .integer
        case .padded: return .padded
        case .number(let value):
            Self.extend(&numbers, value)
            return .number
        case .date(let value):
            Self.extend(&dates, value)
            return .date
        case .timestamp(let value):
            Self.extend(&timestamps, value)
            return .timestamp
        case .text:
            var length = 0
            for byte in text { length &+= byte & 0xC0 == 0x80 ? 0 : 1 }
            Self.extend(&lengths, length)
            if text.first == 0x20 || text.last == 0x20 { blankEnds += 1 }
            return .text
        }
    }

    @inline(__always)
    private static func extend<Value>(_ extent: inout Extent<Value>?, _ value: Value) {
        // NaN is neither the smallest nor the largest, wherever it comes.
        if value != value { return }
        if extent == nil { extent = Extent(value) } else { extent!.take(value) }
    }

    /// Whether a text that may stand for no value was set apart.
    @inline(__always)
    mutating func setApart(_ text: UnsafeBufferPointer<UInt8>, row: Int) -> Bool {
        guard text.count <= SchemaMarkers.longest, !markers.isEmpty else { return false }
        guard let place = SchemaMarkers.bytes.firstIndex(where: { $0.elementsEqual(text) }) else {
            return false
        }
        markers[place].count += 1
        if markers[place].examples.isEmpty {
            markers[place].examples = [Example(row: row, text: SchemaMarkers.texts[place])]
        }
        return true
    }

    /// Says which of the texts that were set apart stand for no value; the others are values.
    public mutating func decide(missing: Set<String>) {
        for (text, tally) in markersFound where !missing.contains(text) {
            tallies[ValueClass.text.rawValue].count += tally.count
            let examples = tallies[ValueClass.text.rawValue].examples + tally.examples
            tallies[ValueClass.text.rawValue].examples = Array(
                examples.sorted { $0.row < $1.row }.prefix(Self.examples))
            Self.extend(&lengths, text.unicodeScalars.count)
            patterns = []
            values.addOther(times: tally.count)
            if levelCounts.count <= Self.mostLevels { levelCounts.append((text, tally.count)) }
        }
        markers = markers.map { _ in Tally() }
    }
}

/// Texts that programs write for "no value".
public enum SchemaMarkers {
    public static let texts = ["NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "?", "-"]
    static let bytes = texts.map { Array($0.utf8) }
    static let longest = 4
}
