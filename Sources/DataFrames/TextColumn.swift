import TableTypes

/// A column of texts that has no type yet: a CSV column, or one of strings in
/// JSON lines.
public struct TextColumn: Sendable {
    public var name: String
    public let texts: StringStorage
    /// Nil when no row is null.
    public let validity: ValidityBitmap?

    /// - Precondition: The bitmap, if any, has as many rows as there are texts.
    public init(_ name: String, _ texts: StringStorage, validity: ValidityBitmap?) {
        precondition(validity == nil || validity!.count == texts.count, "column '\(name)' and its bitmap")
        self.name = name
        self.texts = texts
        self.validity = validity.flatMap { $0.nullCount == 0 ? nil : $0 }
    }

    public var count: Int { texts.count }

    /// Nil for a null row.
    public func text(_ row: Int) -> String? { validity?[row] == false ? nil : texts[row] }

    /// The types that texts can be found to have, narrowest first.
    public static let candidates: [ColumnType] = [.boolean, .integer, .number, .date, .timestamp]

    /// The narrowest type the first rows fit: one of the candidates, else
    /// category if values come four times or more on average and are at most
    /// 100, else text. A column without any value is text.
    public func inferredType(
        among candidates: [ColumnType] = TextColumn.candidates, rows limit: Int = 10_000
    ) -> ColumnType {
        var candidates = candidates
        var levels: Set<TextKey> = []
        var values = 0
        for row in 0..<min(count, limit) {
            guard let text = text(row) else { continue }
            values += 1
            candidates.removeAll { !FieldText.fits(text, $0) }
            if levels.count <= 100 { levels.insert(TextKey(text)) }
        }
        if values == 0 { return .text }
        return candidates.first ?? (levels.count <= 100 && levels.count * 4 <= values ? .category : .text)
    }

    /// The values; a row whose text does not fit is null in the column.
    ///
    /// - Parameter levels: Of a category; without, all texts that occur, sorted
    ///   by their bytes.
    /// - Parameter form: How texts are values, where the type does not say all.
    /// - Returns: The column, and the rows that do not fit, ascending.
    /// - Complexity: O(bytes).
    public func typed(
        _ type: ColumnType, levels: [String]? = nil, form: FieldForm? = nil
    ) -> (column: DataColumn, misfits: [Int]) {
        var misfits: [Int] = []
        func read<T>(_ none: T, _ parse: (String) -> T?) -> [T] {
            (0..<count).map { row in
                guard let text = text(row) else { return none }
                if let value = parse(text) { return value }
                misfits.append(row)
                return none
            }
        }
        let storage: ColumnStorage
        switch type {
        case .boolean:
            storage = .boolean(read(false, form.map { $0.reading($0.boolean) } ?? FieldText.toldBoolean))
        case .integer: storage = .int64(read(0, form.map { $0.reading($0.integer) } ?? FieldText.integer))
        case .number: storage = .float64(read(0, form.map { $0.reading($0.number) } ?? FieldText.toldNumber))
        case .date: storage = .date32(read(0, form.map { $0.reading($0.date) } ?? FieldText.date))
        case .timestamp:
            storage = .timestamp(read(0, form.map { $0.reading($0.timestamp) } ?? FieldText.timestamp))
        case .json where form != nil:
            storage = .utf8(
                StringStorage(
                    read(
                        "",
                        form.map { form in
                            form.reading { field, count in
                                form.json(field, count).map { String(decoding: $0, as: UTF8.self) }
                            }
                        } ?? { $0 })))
        case .category:
            let known =
                levels
                ?? SortedLevels((0..<count).lazy.compactMap(text)).levels
            let places = TextPlaces(known)
            storage = .dictionary(indices: read(0) { places[$0] }, levels: known)
        case .text, .image, .audio, .series, .vector, .json: storage = .utf8(texts)
        }
        guard !misfits.isEmpty else {
            return (DataColumn(name, type, storage, validity: validity), [])
        }
        var isValid = (0..<count).map { validity?[$0] ?? true }
        for row in misfits { isValid[row] = false }
        return (DataColumn(name, type, storage, validity: ValidityBitmap(isValid)), misfits)
    }
}
