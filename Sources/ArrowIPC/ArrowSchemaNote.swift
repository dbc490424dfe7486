import DataFrames
import Platform
import TableTypes

/// Arrow's schema as other formats carry it: Parquet files keep it in a note of
/// their footer, so that Arrow readers give back what was written.
///
/// The bytes are an IPC message of the schema alone: a mark of continuation,
/// its length, the message (arrow.apache.org/docs/format/Columnar.html,
/// "Encapsulated message format").
public enum ArrowSchemaNote {
    /// What a note says of a column beyond the other format's own types.
    public struct Column: Hashable, Sendable {
        /// A dictionary of texts, which is a category of ours.
        public var isCategory: Bool
        public var type: ColumnType
        public var role: ColumnRole?
    }

    /// The note of a table: types, `sluice.type` and `sluice.role`.
    public static func bytes(of frame: DataFrame, roles: [String: ColumnRole]) -> [UInt8] {
        var fields = WrittenField.fields(of: frame, roles: roles)
        // Rows that are not here may be null.
        for index in fields.indices { fields[index].isNullable = true }
        var builder = FlatBufferBuilder()
        let schema = SchemaWriting.schema(fields, &builder)
        let root = builder.table([(0, .int16(4)), (1, .int8(1)), (2, .place(schema)), (3, .int64(0))])
        var message = builder.finish(root)
        while message.count % 8 != 0 { message.append(0) }
        let length = UInt32(message.count)
        return [0xFF, 0xFF, 0xFF, 0xFF] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
            + message
    }

    /// Of every column whose Arrow type we have, by its name. What we have no
    /// word for is passed over: the format itself says what its values are.
    ///
    /// - Throws: `ArrowError` for bytes that are no such message, or metadata
    ///   of ours that cannot be.
    public static func columns(_ note: UnsafeRawBufferPointer) throws(ArrowError) -> [String: Column] {
        let place = "schema"
        guard note.count >= 16 else { throw ArrowError(.damaged(place: place, what: "it is cut short")) }
        let isMarked = note.loadUnaligned(as: UInt32.self) == .max
        let start = isMarked ? 8 : 4
        let length = Int(Int32(littleEndian: note.loadUnaligned(fromByteOffset: start - 4, as: Int32.self)))
        guard length > 0, length <= note.count - start else {
            throw ArrowError(.damaged(place: place, what: "its message is said to have \(length) bytes"))
        }
        let message = try FlatBuffer(
            UnsafeRawBufferPointer(rebasing: note[start..<(start + length)]), place: place
        ).root()
        guard try message.scalar(1, default: UInt8(0)) == 1, let schema = try message.table(2) else {
            throw ArrowError(.damaged(place: place, what: "its message is not one of a schema"))
        }
        var columns: [String: Column] = [:]
        for field in try SchemaReading.knownFields(schema) {
            columns[field.name] = Column(
                isCategory: field.dictionary != nil, type: field.columnType, role: field.role)
        }
        return columns
    }
}
