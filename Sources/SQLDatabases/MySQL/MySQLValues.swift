import CMariaDB

/// Values of a statement in the memory the library reads them from.
final class MySQLValues {
    let count: Int
    let binds: MariaDBLibrary.Binds
    private var pieces: [UnsafeMutableRawPointer] = []

    init(_ values: [SQLValue]) {
        count = values.count
        binds = .allocate(capacity: max(1, count))
        binds.initialize(repeating: sluice_mysql_bind(), count: max(1, count))
        for (index, value) in values.enumerated() { bind(value, binds + index) }
    }

    deinit {
        for piece in pieces { piece.deallocate() }
        binds.deallocate()
    }

    private func bind(_ value: SQLValue, _ bind: MariaDBLibrary.Binds) {
        switch value {
        case .null: bind.pointee.type = MySQLType.null
        case .boolean(let flag): store(Int64(flag ? 1 : 0), MySQLType.longLong, bind)
        case .integer(let integer): store(integer, MySQLType.longLong, bind)
        case .number(let number): store(number, MySQLType.double, bind)
        case .text(let text):
            let bytes = Array(text.utf8)
            let piece = UnsafeMutableRawPointer.allocate(byteCount: max(1, bytes.count), alignment: 8)
            bytes.withUnsafeBytes {
                if let start = $0.baseAddress { piece.copyMemory(from: start, byteCount: $0.count) }
            }
            pieces.append(piece)
            bind.pointee.type = MySQLType.text
            bind.pointee.buffer = piece
            bind.pointee.buffer_length = UInt(bytes.count)
        }
    }

    private func store<Value: BitwiseCopyable>(_ value: Value, _ type: UInt32, _ bind: MariaDBLibrary.Binds) {
        let piece = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)
        piece.storeBytes(of: value, as: Value.self)
        pieces.append(piece)
        bind.pointee.type = type
        bind.pointee.buffer = piece
    }
}
