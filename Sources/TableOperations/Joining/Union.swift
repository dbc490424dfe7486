import DataFrames
import TableTypes

/// Tables under one another, columns brought together by their names.
///
/// Columns come in the order in which the tables first name them. Integers
/// beside numbers become numbers, a category beside a text becomes a text, a
/// date beside a timestamp its midnight in UTC. Categories of different levels
/// get the levels of the first table, then those that each later one adds, in
/// its order.
public enum Union {
    /// The type that columns of both can be brought to; nil when there is none.
    public static func joined(_ a: ColumnType, _ b: ColumnType) -> ColumnType? {
        if a == b { return a }
        let pair: Set = [a, b]
        if pair == [.integer, .number] { return .number }
        if pair == [.category, .text] { return .text }
        if pair == [.date, .timestamp] { return .timestamp }
        return nil
    }

    /// The levels of two categories that meet, each once. Levels are one where
    /// their bytes are: Swift's equality would take a letter with an accent for
    /// the letter and the accent.
    public static func levels(_ a: [String], _ b: [String]) -> [String] {
        var known: Set<[UInt8]> = []
        return (a + b).filter { known.insert(Array($0.utf8)).inserted }
    }

    /// - Parameter columns: The result's columns and their types.
    /// - Returns: All rows of the first table, then of the second and so on;
    ///   null where a table lacks a column.
    /// - Precondition: A table's column of such a name can be brought to its type.
    /// - Complexity: O(bytes).
    public static func rows(
        of frames: [DataFrame], columns: [(name: String, type: ColumnType)]
    ) -> [DataColumn] {
        columns.map { name, type in
            let parts = frames.map { (column: $0[name], rows: $0.count) }
            let storage: ColumnStorage =
                switch type {
                case .boolean:
                    .boolean(parts.flatMap { part in part.column?.booleans ?? blank(false, part.rows) })
                case .integer: .int64(parts.flatMap { part in part.column?.integers ?? blank(0, part.rows) })
                case .number: .float64(parts.flatMap { part in part.column?.doubles ?? blank(0, part.rows) })
                case .date: .date32(parts.flatMap { part in part.column?.days ?? blank(0, part.rows) })
                case .timestamp:
                    .timestamp(parts.flatMap { part in part.column?.times ?? blank(0, part.rows) })
                case .category: categories(parts)
                case .text, .series, .vector, .json: .utf8(texts(parts))
                case .image, .audio: .binary(files(parts))
                }
            var validity: ValidityBitmap?
            if parts.contains(where: { $0.column.map { $0.nullCount > 0 } ?? ($0.rows > 0) }) {
                var bitmap = ValidityBitmap()
                for part in parts {
                    if let own = part.column?.validity {
                        own.bytes.withUnsafeBytes { bitmap.append(bits: $0, count: part.rows) }
                    } else {
                        bitmap.append(repeating: part.column != nil, count: part.rows)
                    }
                }
                validity = bitmap
            }
            return DataColumn(name, type, storage, validity: validity)
        }
    }

    private static func blank<T>(_ value: T, _ rows: Int) -> [T] { [T](repeating: value, count: rows) }

    private static func categories(_ parts: [(column: DataColumn?, rows: Int)]) -> ColumnStorage {
        var merged: [String] = []
        for part in parts {
            if case .dictionary(_, let levels)? = part.column?.storage {
                merged = Self.levels(merged, levels)
            }
        }
        let places = Dictionary(
            uniqueKeysWithValues: merged.enumerated().map { (Array($1.utf8), Int32($0)) })
        let indices = parts.flatMap { part -> [Int32] in
            guard case .dictionary(let indices, let levels)? = part.column?.storage, let column = part.column
            else { return blank(0, part.rows) }
            let moved = levels.map { places[Array($0.utf8)] ?? 0 }
            return indices.indices.map { column.isValid($0) ? moved[Int(indices[$0])] : 0 }
        }
        return .dictionary(indices: indices, levels: merged)
    }

    private static func files(_ parts: [(column: DataColumn?, rows: Int)]) -> BinaryStorage {
        var offsets = [0]
        var bytes: [UInt8] = []
        for part in parts {
            let base = bytes.count
            guard case .binary(let values)? = part.column?.storage else {
                offsets.append(contentsOf: repeatElement(base, count: part.rows))
                continue
            }
            bytes += values.bytes
            offsets += values.offsets.dropFirst().map { $0 + base }
        }
        return BinaryStorage(offsets: offsets, bytes: bytes)
    }

    private static func texts(_ parts: [(column: DataColumn?, rows: Int)]) -> StringStorage {
        var offsets = [0]
        var bytes: [UInt8] = []
        for part in parts {
            let base = bytes.count
            guard let column = part.column, case .text(let texts) = Vector(column.asText).lanes else {
                offsets.append(contentsOf: repeatElement(base, count: part.rows))
                continue
            }
            bytes.append(contentsOf: texts.bytes)
            offsets.append(contentsOf: texts.offsets.dropFirst().map { $0 + base })
        }
        return StringStorage(uncheckedOffsets: offsets, bytes: bytes)
    }
}

extension DataColumn {
    fileprivate var booleans: [Bool] { if case .boolean(let values) = storage { values } else { misfit() } }
    fileprivate var integers: [Int64] { if case .int64(let values) = storage { values } else { misfit() } }
    fileprivate var days: [Int32] { if case .date32(let values) = storage { values } else { misfit() } }

    fileprivate var doubles: [Double] {
        switch storage {
        case .float64(let values): values
        case .int64(let values): values.map { Double($0) }
        default: misfit()
        }
    }

    fileprivate var times: [Int64] {
        switch storage {
        case .timestamp(let values): values
        case .date32(let values): values.map(Moments.nearestMidnight)
        default: misfit()
        }
    }

    /// Of what lies in texts, whatever it means.
    fileprivate var asText: DataColumn { DataColumn(name, .text, storage, validity: validity) }

    private func misfit() -> Never { preconditionFailure("column '\(name)' of another storage") }
}
