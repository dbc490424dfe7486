/// How the bytes of a CSV file are cut into fields. Delimiter and quote are
/// single ASCII bytes.
public struct CSVFormat: Hashable, Sendable {
    public var delimiter: UInt8
    /// Nil when no byte quotes.
    public var quote: UInt8?
    /// Whether the first record names the columns.
    public var hasHeader: Bool
    /// Whether blanks and tabs at both ends of a field that no quote encloses are taken off.
    public var trims: Bool

    public init(
        delimiter: UInt8 = UInt8(ascii: ","), quote: UInt8? = UInt8(ascii: "\""), hasHeader: Bool = true,
        trims: Bool = false
    ) {
        self.delimiter = delimiter
        self.quote = quote
        self.hasHeader = hasHeader
        self.trims = trims
    }

    /// Delimiters that are looked for, the likeliest first.
    public static let delimiters = [",", ";", "\t", "|"].map { (text: Unicode.Scalar) in UInt8(ascii: text) }

    /// The delimiter that cuts the first 20 records into equally many fields,
    /// two at least; of several the one that gives most. If none does, the one
    /// that cuts the first record most often, and a comma if none cuts it.
    ///
    /// - Parameter isWhole: Whether the file ends where the bytes do.
    /// - Returns: Nil where that many records have not come yet.
    public static func delimiter(
        of bytes: UnsafeRawBufferPointer, quote: UInt8? = UInt8(ascii: "\""), isWhole: Bool
    ) -> UInt8? {
        var best = (isEven: false, fields: 1, delimiter: UInt8(ascii: ","))
        for delimiter in delimiters where delimiter != quote {
            let format = CSVFormat(delimiter: delimiter, quote: quote)
            guard let counts = CSVCutter.fieldCounts(bytes, format, records: 20, isWhole: isWhole) else {
                return nil
            }
            guard let first = counts.first, first > 1 else { continue }
            let isEven = counts.allSatisfy { $0 == first }
            if isEven && !best.isEven || isEven == best.isEven && first > best.fields {
                best = (isEven, first, delimiter)
            }
        }
        return best.delimiter
    }

    /// The same of a file that lies in memory.
    public static func delimiter(
        of bytes: UnsafeRawBufferPointer, quote: UInt8? = UInt8(ascii: "\"")
    ) -> UInt8 { delimiter(of: bytes, quote: quote, isWhole: true)! }
}
