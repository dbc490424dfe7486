/// What stands before every page.
struct PageHeader {
    enum Kind: Hashable {
        case data, dictionary, dataV2
        /// Of no use here, or not known.
        case other
    }

    var kind = Kind.other
    var uncompressed = 0
    var compressed = 0
    var values = 0
    var encoding = 0
    /// Of version 1: how definition and repetition levels are encoded.
    var levelEncodings = (definition: 3, repetition: 3)
    /// Of version 2: bytes of both, which lie before the values uncompressed.
    var levelBytes = (definition: 0, repetition: 0)
    var isCompressed = true
    /// Bytes of the header itself.
    private(set) var size = 0

    /// - Parameter bytes: From the header's first byte to the end of the chunk.
    init(_ bytes: UnsafeRawBufferPointer, place: String) throws(ParquetError) {
        var reader = CompactReader(bytes, place: place)
        var header = Self()
        try reader.structure { (reader, field) throws(ParquetError) in
            switch field.id {
            case 1:
                switch try reader.integer(field) {
                case 0: header.kind = .data
                case 2: header.kind = .dictionary
                case 3: header.kind = .dataV2
                default: header.kind = .other
                }
            case 2: header.uncompressed = try reader.size(field)
            case 3: header.compressed = try reader.size(field)
            case 5, 7, 8:
                guard field.kind == .structure else { throw reader.wrong(field) }
                try reader.structure { (reader, inner) throws(ParquetError) in
                    try field.id == 8 ? header.takeV2(inner, &reader) : header.take(inner, &reader)
                }
            default: return false
            }
            return true
        }
        header.size = reader.position
        self = header
    }

    private init() {}

    /// DataPageHeader; DictionaryPageHeader has the same first two fields.
    private mutating func take(
        _ field: CompactReader.Field, _ reader: inout CompactReader
    ) throws(ParquetError) -> Bool {
        switch field.id {
        case 1: values = try reader.size(field)
        case 2: encoding = try reader.size(field)
        // Of a dictionary this is whether it is sorted.
        case 3 where kind == .data: levelEncodings.definition = try reader.size(field)
        case 4 where kind == .data: levelEncodings.repetition = try reader.size(field)
        default: return false
        }
        return true
    }

    private mutating func takeV2(
        _ field: CompactReader.Field, _ reader: inout CompactReader
    ) throws(ParquetError) -> Bool {
        switch field.id {
        case 1: values = try reader.size(field)
        case 4: encoding = try reader.size(field)
        case 5: levelBytes.definition = try reader.size(field)
        case 6: levelBytes.repetition = try reader.size(field)
        case 7: isCompressed = try reader.flag(field)
        default: return false
        }
        return true
    }
}

/// How values are bytes.
enum PageEncoding {
    static let plain = 0
    static let plainDictionary = 2
    static let rle = 3
    static let bitPacked = 4
    static let deltaBinaryPacked = 5
    static let deltaLengthByteArray = 6
    static let deltaByteArray = 7
    static let dictionary = 8
    static let byteStreamSplit = 9

    /// As the specification calls it.
    static func name(_ encoding: Int) -> String {
        switch encoding {
        case plain: "PLAIN"
        case plainDictionary: "PLAIN_DICTIONARY"
        case rle: "RLE"
        case bitPacked: "BIT_PACKED"
        case deltaBinaryPacked: "DELTA_BINARY_PACKED"
        case deltaLengthByteArray: "DELTA_LENGTH_BYTE_ARRAY"
        case deltaByteArray: "DELTA_BYTE_ARRAY"
        case dictionary: "RLE_DICTIONARY"
        case byteStreamSplit: "BYTE_STREAM_SPLIT"
        default: "number \(encoding)"
        }
    }
}
