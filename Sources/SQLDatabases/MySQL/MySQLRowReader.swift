import CMariaDB
import DataFrames
import TableTypes

/// The memory the library puts a row into, and how that becomes values of columns.
final class MySQLRowReader {
    let binds: MariaDBLibrary.Binds
    private let columns: [Place]
    private let lengths: UnsafeMutablePointer<CUnsignedLong>
    private let nulls: UnsafeMutablePointer<Int8>
    /// Whether a value was cut or rounded on its way into its place.
    private let cuts: UnsafeMutablePointer<Int8>

    /// How a value lies in memory and what it becomes.
    private enum Form {
        case boolean, integer, unsigned, bits, bit, float, double, decimal, date, datetime, time, text, level,
            json
    }

    private struct Place {
        var form: Form
        var capacity: Int
    }

    /// Texts up to this many bytes are read at one go.
    private static let textCapacity = 1024

    init(_ fields: [MySQLField], _ wanted: [SQLColumn]) {
        columns = zip(fields, wanted).map { field, column in
            let form = Self.form(field, column)
            return Place(form: form, capacity: Self.capacity(form))
        }
        binds = .allocate(capacity: max(1, columns.count))
        binds.initialize(repeating: sluice_mysql_bind(), count: max(1, columns.count))
        lengths = .allocate(capacity: max(1, columns.count))
        lengths.initialize(repeating: 0, count: max(1, columns.count))
        nulls = .allocate(capacity: max(1, columns.count))
        nulls.initialize(repeating: 0, count: max(1, columns.count))
        cuts = .allocate(capacity: max(1, columns.count))
        cuts.initialize(repeating: 0, count: max(1, columns.count))
        for (index, place) in columns.enumerated() {
            binds[index].error = cuts + index
            binds[index].type = Self.type(place.form)
            binds[index].is_unsigned = fields[index].isUnsigned ? 1 : 0
            binds[index].buffer = .allocate(byteCount: place.capacity, alignment: 16)
            binds[index].buffer_length = CUnsignedLong(place.capacity)
            binds[index].length = lengths + index
            binds[index].is_null = nulls + index
        }
    }

    deinit {
        for index in columns.indices { binds[index].buffer?.deallocate() }
        binds.deallocate()
        lengths.deallocate()
        nulls.deallocate()
        cuts.deallocate()
    }

    private static func form(_ field: MySQLField, _ column: SQLColumn) -> Form {
        switch column.type {
        case .boolean: field.type == MySQLType.bit ? .bit : .boolean
        case .integer: field.type == MySQLType.bit ? .bits : field.isUnsigned ? .unsigned : .integer
        case .number:
            field.type == MySQLType.float ? .float : field.type == MySQLType.double ? .double : .decimal
        case .date: .date
        case .timestamp: .datetime
        case .category: .level
        case .json: .json
        case .text, .image, .audio, .series, .vector: field.type == MySQLType.time ? .time : .text
        }
    }

    /// What the library is asked for.
    private static func type(_ form: Form) -> UInt32 {
        switch form {
        case .boolean, .integer, .unsigned: MySQLType.longLong
        case .float: MySQLType.float
        case .double: MySQLType.double
        case .date: MySQLType.date
        case .datetime: MySQLType.datetime
        case .time: MySQLType.time
        case .bits, .bit, .decimal, .text, .level, .json: MySQLType.text
        }
    }

    private static func capacity(_ form: Form) -> Int {
        switch form {
        case .boolean, .integer, .unsigned, .float, .double, .bits, .bit: 8
        case .date, .datetime, .time: MemoryLayout<sluice_mysql_time>.size
        case .decimal: 128
        case .text, .level, .json: textCapacity
        }
    }

    /// Appends the row that was read last.
    ///
    /// - Returns: Its bytes.
    func take(
        into batch: inout RowBatch, _ statement: MariaDBLibrary.Statement, _ library: MariaDBLibrary
    ) throws(SQLError) -> Int {
        var bytes = 8 * columns.count
        for index in columns.indices {
            if nulls[index] != 0 {
                batch.columns[index].appendNull()
                continue
            }
            if cuts[index] != 0, !Self.isText(columns[index].form) {
                batch.misfit(index, "the server sent a value that is not of the column's type")
                continue
            }
            let start = UnsafeRawPointer(binds[index].buffer!)
            switch columns[index].form {
            case .integer: batch.columns[index].append(integer: start.load(as: Int64.self))
            case .double: batch.columns[index].append(number: start.load(as: Double.self))
            case .float: batch.columns[index].append(number: Double(start.load(as: Float.self)))
            case .text, .level, .json:
                let length = Int(lengths[index])
                bytes += length
                if length <= columns[index].capacity {
                    append(UnsafeRawBufferPointer(start: start, count: length), index, &batch)
                } else {
                    try appendLong(length, index, &batch, statement, library)
                }
            case .date, .datetime, .time: append(start.load(as: sluice_mysql_time.self), index, &batch)
            case .boolean, .unsigned, .bits, .bit, .decimal: appendOther(start, index, &batch)
            }
        }
        return bytes
    }

    /// Whether a value longer than its place is read once more.
    private static func isText(_ form: Form) -> Bool { [.text, .level, .json].contains(form) }

    @inline(__always)
    private func append(_ text: UnsafeRawBufferPointer, _ index: Int, _ batch: inout RowBatch) {
        switch columns[index].form {
        case .level: batch.append(index, level: text)
        case .json: batch.append(index, json: text)
        default: batch.append(index, text: text)
        }
    }

    /// A text longer than its place is read again, into one of its own.
    private func appendLong(
        _ length: Int, _ index: Int, _ batch: inout RowBatch, _ statement: MariaDBLibrary.Statement,
        _ library: MariaDBLibrary
    ) throws(SQLError) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 16)
        defer { memory.deallocate() }
        var bind = sluice_mysql_bind()
        var found: CUnsignedLong = 0
        let isRead = withUnsafeMutablePointer(to: &found) { found in
            bind.type = MySQLType.text
            bind.buffer = memory.baseAddress
            bind.buffer_length = CUnsignedLong(length)
            bind.length = found
            return library.fetchColumn(statement, &bind, CUnsignedInt(index), 0) == 0
        }
        guard isRead, Int(found) == length else {
            throw MySQLFailure.error(
                library.statementErrorNumber(statement),
                String(cString: library.statementErrorText(statement)),
                SQLStatement(""), 0)
        }
        append(UnsafeRawBufferPointer(memory), index, &batch)
    }

    private func append(_ time: sluice_mysql_time, _ index: Int, _ batch: inout RowBatch) {
        let days = CivilDate.days(year: Int(time.year), month: Int(time.month), day: Int(time.day))
        switch columns[index].form {
        case .time: batch.columns[index].append(text: Self.text(time))
        case .date:
            guard let days else { return batch.misfit(index, Self.noDate(time, isDate: true)) }
            batch.columns[index].append(days: days)
        default:
            guard let days else { return batch.misfit(index, Self.noDate(time, isDate: false)) }
            let seconds =
                Int64(days) * 86_400 + Int64(time.hour) * 3600 + Int64(time.minute) * 60 + Int64(time.second)
            batch.columns[index].append(integer: seconds * 1_000_000 + Int64(time.microsecond))
        }
    }

    private static func noDate(_ time: sluice_mysql_time, isDate: Bool) -> String {
        let date = [padded(time.year, 4), padded(time.month, 2), padded(time.day, 2)].joined(separator: "-")
        return "'\(isDate ? date : date + " " + clock(time, hours: time.hour))' is no day of the calendar"
    }

    /// A time of day or a length of time: `-01:30:00`, with six digits after the point where it has a fraction.
    private static func text(_ time: sluice_mysql_time) -> String {
        let fraction = time.microsecond == 0 ? "" : "." + padded(UInt32(time.microsecond), 6)
        let hours = time.day * 24 + time.hour
        return (time.is_negative != 0 ? "-" : "") + clock(time, hours: hours) + fraction
    }

    private static func clock(_ time: sluice_mysql_time, hours: UInt32) -> String {
        [padded(hours, 2), padded(time.minute, 2), padded(time.second, 2)].joined(separator: ":")
    }

    private static func padded(_ value: UInt32, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private func appendOther(_ start: UnsafeRawPointer, _ index: Int, _ batch: inout RowBatch) {
        let length = min(Int(lengths[index]), columns[index].capacity)
        switch columns[index].form {
        case .boolean: appendFlag(start.load(as: UInt64.self), index, &batch)
        case .bit, .bits:
            var value: UInt64 = 0
            for byte in UnsafeRawBufferPointer(start: start, count: length) {
                value = value << 8 | UInt64(byte)
            }
            if columns[index].form == .bit { return appendFlag(value, index, &batch) }
            appendUnsigned(value, index, &batch)
        case .unsigned: appendUnsigned(start.load(as: UInt64.self), index, &batch)
        default:
            guard let value = FieldBytes.number(start.assumingMemoryBound(to: UInt8.self), length) else {
                let text = UnsafeRawBufferPointer(start: start, count: length)
                return batch.misfit(index, "'\(SQLColumn.shown(text))' is not of type number")
            }
            batch.columns[index].append(number: value)
        }
    }

    private func appendFlag(_ value: UInt64, _ index: Int, _ batch: inout RowBatch) {
        guard value <= 1 else {
            let name = batch.columns[index].column.name
            return batch.misfit(
                index,
                "'\(Int64(bitPattern: value))' is not of type boolean, which TINYINT(1) is; CAST(\(name) AS SIGNED) is an integer"
            )
        }
        batch.columns[index].append(boolean: value == 1)
    }

    private func appendUnsigned(_ value: UInt64, _ index: Int, _ batch: inout RowBatch) {
        guard let integer = Int64(exactly: value) else {
            return batch.misfit(index, "'\(value)' is beyond \(Int64.max), the greatest integer of a table")
        }
        batch.columns[index].append(integer: integer)
    }
}
