import ArrowIPC
import CanonicalJSON
import DataFrames
import Platform
import TableTypes

extension ParquetSource {
    static let mark = Array("PAR1".utf8)

    /// Opens a file as far as its footer goes.
    ///
    /// Source: apache/parquet-format 2.11, README.md, "File format".
    init(_ path: String) throws(ParquetError) {
        let file: MappedFile
        do { file = try MappedFile(path) } catch { throw ParquetError(.unreadable(error.description)) }
        let bytes = file.bytes
        guard bytes.count >= 12, bytes.starts(with: Self.mark), bytes.suffix(4).elementsEqual(Self.mark)
        else { throw Self.otherFormat(bytes) }
        let end = bytes.count - 8
        let length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: end, as: UInt32.self)))
        guard length > 0, length <= end - 4 else {
            throw ParquetError(.damaged(place: "footer", what: "it is said to have \(length) bytes"))
        }
        let metadata = try FileMetadata(UnsafeRawBufferPointer(rebasing: bytes[(end - length)..<end]))
        self.init(
            file: file, bytes: UnsafeRawBufferPointer(rebasing: bytes[..<(end - length)]), metadata: metadata)
    }

    private static func otherFormat(_ bytes: UnsafeRawBufferPointer) -> ParquetError {
        if bytes.suffix(4).elementsEqual("PARE".utf8) { return ParquetError(.encrypted) }
        let format: ParquetError.Format? =
            if bytes.starts(with: "ARROW1".utf8) {
                .arrow
            } else if bytes.starts(with: [0x1F, 0x8B]) {
                .gzip
            } else if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
                .zstd
            } else {
                nil
            }
        return ParquetError(.notParquet(looksLike: format))
    }

    /// The columns asked for, in the file's order; nil asks for all.
    func columns(_ asked: [String]?) throws(ParquetError) -> [SelectedColumn] {
        let nodes = try SchemaTreeBuilder.columns(metadata.schema)
        let leaves = nodes.last?.leaves.upperBound ?? 0
        for (number, group) in metadata.rowGroups.enumerated() where group.chunks.count != leaves {
            throw ParquetError(
                .damaged(
                    place: "row group \(number + 1)",
                    what: "it has \(group.chunks.count) columns, the schema has \(leaves)"))
        }
        var names: Set<String> = []
        for node in nodes {
            guard names.insert(node.name).inserted else { throw ParquetError(.duplicateColumn(node.name)) }
        }
        for name in asked ?? [] where !names.contains(name) {
            throw ParquetError(.unknownColumn(name, columns: nodes.map(\.name)))
        }
        let notes = try arrowColumns()
        let wanted = asked.map(Set.init)
        var columns: [SelectedColumn] = []
        for node in nodes where wanted?.contains(node.name) ?? true {
            for leaf in node.allLeaves {
                guard case .unsupported(let name, let advice) = leaf.type else { continue }
                throw ParquetError(.unsupportedType(column: leaf.path, type: name, advice: advice))
            }
            columns.append(Self.column(node, notes[node.name]))
        }
        return columns
    }

    private func arrowColumns() throws(ParquetError) -> [String: ArrowSchemaNote.Column] {
        guard let text = metadata.notes[arrowSchemaKey] else { return [:] }
        guard let note = Base64.decode(text) else {
            throw ParquetError(.arrowSchema(message: "it is not base64", fix: "write or copy the file again"))
        }
        let result = note.withUnsafeBytes { bytes in
            Result { () throws(ArrowError) in try ArrowSchemaNote.columns(bytes) }
        }
        switch result {
        case .success(let columns): return columns
        case .failure(let error):
            throw ParquetError(.arrowSchema(message: error.message, fix: error.fix))
        }
    }

    /// What the Arrow schema says counts where the values can be it.
    private static func column(_ node: SchemaNode, _ note: ArrowSchemaNote.Column?) -> SelectedColumn {
        guard case .leaf(let leaf) = node.shape else {
            return SelectedColumn(
                name: node.name, type: .json, role: note?.role, node: node, isCategory: false)
        }
        let isCategory = leaf.type.isText && note?.isCategory == true
        var type = isCategory ? .category : leaf.type.columnType
        if let told = note?.type, note?.isCategory == isCategory {
            let isHeld =
                if isCategory {
                    ColumnType.ofDictionary.contains(told)
                } else if leaf.type.isText {
                    // A text of JSON is JSON whatever Arrow calls it.
                    type != .json && ColumnType.ofText.contains(told)
                } else {
                    type == .integer && ColumnType.ofInteger.contains(told)
                }
            if isHeld { type = told }
        }
        return SelectedColumn(
            name: node.name, type: type, role: note?.role, node: node, isCategory: isCategory)
    }
}

/// Where Arrow's writers keep their schema.
let arrowSchemaKey = "ARROW:schema"
