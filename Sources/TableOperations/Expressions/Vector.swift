import DataFrames
import TableTypes

/// The values of one part of an expression for all rows, or one value that
/// stands for every row.
struct Vector: Sendable {
    enum Lanes: Sendable {
        case boolean([Bool])
        case integer([Int64])
        case number([Double])
        case text(StringStorage)
        case date([Int32])
        case timestamp([Int64])
        /// Values that are only there or not, and how many.
        case opaque(Int)
    }

    var lanes: Lanes
    /// Of each lane whether it holds a value; nil where all do.
    var valid: [Bool]?
    /// One lane for every row.
    var isConstant = false

    /// What a row's number is cut down to: all of it, or nothing.
    var mask: Int { isConstant ? 0 : -1 }

    var count: Int {
        switch lanes {
        case .boolean(let lanes): lanes.count
        case .integer(let lanes), .timestamp(let lanes): lanes.count
        case .number(let lanes): lanes.count
        case .text(let lanes): lanes.count
        case .date(let lanes): lanes.count
        case .opaque(let count): count
        }
    }

    // What the types of an expression have promised; a lane of another kind is
    // a fault of ours.
    var booleans: [Bool] { if case .boolean(let lanes) = lanes { lanes } else { Self.misfit() } }
    var numbers: [Double] { if case .number(let lanes) = lanes { lanes } else { Self.misfit() } }
    var texts: StringStorage { if case .text(let lanes) = lanes { lanes } else { Self.misfit() } }
    var dates: [Int32] { if case .date(let lanes) = lanes { lanes } else { Self.misfit() } }
    /// Integers, or the microseconds of timestamps.
    var integers: [Int64] {
        switch lanes {
        case .integer(let lanes), .timestamp(let lanes): lanes
        default: Self.misfit()
        }
    }

    private static func misfit() -> Never { preconditionFailure("a vector of another type") }

    init(_ lanes: Lanes, valid: [Bool]? = nil, isConstant: Bool = false) {
        self.lanes = lanes
        self.valid = valid
        self.isConstant = isConstant
    }

    init(_ literal: Literal) {
        isConstant = true
        switch literal {
        case .null:
            lanes = .text(StringStorage([""]))
            valid = [false]
        case .boolean(let value): lanes = .boolean([value])
        case .integer(let value): lanes = .integer([value])
        case .number(let value): lanes = .number([value])
        case .text(let value): lanes = .text(StringStorage([value]))
        case .date(let value): lanes = .date([value])
        case .timestamp(let value): lanes = .timestamp([value])
        }
    }

    /// A column's values; a category's as texts.
    init(_ column: DataColumn) {
        let valid = column.validity.map(Self.flags)
        self.valid = valid
        switch column.storage {
        case _ where ExpressionType(column.type) == .other: lanes = .opaque(column.count)
        case .binary(let values): lanes = .opaque(values.count)
        case .boolean(let values): lanes = .boolean(values)
        case .int64(let values): lanes = .integer(values)
        case .float64(let values): lanes = .number(values)
        case .utf8(let values): lanes = .text(values)
        case .date32(let values): lanes = .date(values)
        case .timestamp(let values): lanes = .timestamp(values)
        case .dictionary(let indices, let levels):
            let texts = StringStorage(levels + [""])
            let null = Int32(levels.count)
            let places = indices.indices.map { valid?[$0] == false ? null : indices[$0] }
            lanes = .text(texts.taking(places))
        }
    }

    static func flags(_ bitmap: ValidityBitmap) -> [Bool] {
        bitmap.bytes.withUnsafeBufferPointer { bytes in
            [Bool](unsafeUninitializedCapacity: bitmap.count) { flags, count in
                for row in 0..<bitmap.count {
                    flags.initializeElement(at: row, to: bytes[row >> 3] >> UInt8(row & 7) & 1 == 1)
                }
                count = bitmap.count
            }
        }
    }

    /// The values as a column of so many rows.
    func column(_ name: String, _ type: ColumnType, rows: Int) -> DataColumn {
        let spread = isConstant ? taking([Int32](repeating: 0, count: rows)) : self
        let storage: ColumnStorage =
            switch spread.lanes {
            case .boolean(let lanes): .boolean(lanes)
            case .integer(let lanes): .int64(lanes)
            case .number(let lanes): .float64(lanes)
            case .text(let lanes): .utf8(lanes)
            case .date(let lanes): .date32(lanes)
            case .timestamp(let lanes): .timestamp(lanes)
            case .opaque: preconditionFailure("a value that is only there or not")
            }
        return DataColumn(name, type, storage, validity: spread.valid.map { ValidityBitmap($0) })
    }

    /// The lanes at these places.
    func taking(_ places: [Int32]) -> Vector {
        let taken: Lanes =
            switch lanes {
            case .boolean(let lanes): .boolean(lanes.taking(places))
            case .integer(let lanes): .integer(lanes.taking(places))
            case .number(let lanes): .number(lanes.taking(places))
            case .text(let lanes): .text(lanes.taking(places))
            case .date(let lanes): .date(lanes.taking(places))
            case .timestamp(let lanes): .timestamp(lanes.taking(places))
            case .opaque: .opaque(places.count)
            }
        return Vector(taken, valid: valid?.taking(places))
    }
}
