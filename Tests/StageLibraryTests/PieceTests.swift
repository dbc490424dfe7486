import DataFrames
import Platform
import TableTypes
import Testing

@testable import StageLibrary

/// How much is held at a time of what may be large.
@Suite struct PieceTests {
    @Test func `rows of large files are written few at a time`() throws {
        func pieces(_ sizes: [Int], texts: [Int]) throws -> [Int] {
            var files = BinaryStorage()
            for size in sizes { files.append(repeatElement(7, count: size)) }
            let frame = try DataFrame([
                DataColumn("image", .image, .binary(files)),
                DataColumn(
                    "text", .text, .utf8(StringStorage(texts.map { String(repeating: "x", count: $0) }))),
            ])
            var lengths: [Int] = []
            for writer in [RowWriter(csv: frame), RowWriter(jsonLines: frame)] {
                lengths = []
                while lengths.reduce(0, +) < frame.count {
                    let rows = writer.piece(from: lengths.reduce(0, +))
                    #expect(rows.lowerBound == lengths.reduce(0, +))
                    lengths.append(rows.count)
                }
            }
            return lengths
        }
        let small = [Int](repeating: 1, count: 1100)
        #expect(try pieces(small, texts: small) == [512, 512, 76])
        let large = [Int](repeating: 2 << 20, count: 5)
        #expect(try pieces(large, texts: [1, 1, 1, 1, 1]) == [1, 1, 1, 1, 1])
        #expect(try pieces([1, 5 << 20, 1], texts: [1, 1, 1]) == [1, 1, 1])
        #expect(try pieces([1, 1, 1, 1], texts: [1 << 20, 1 << 20, 1 << 20, 5 << 20]) == [2, 1, 1])
    }

    @Test func `files are read by their number and their bytes`() throws {
        let folder = try scratchFolder()
        let paths = try [10, 10, 30, 1, 1].enumerated().map { index, size in
            let path = "\(folder)/\(index)"
            try Files.write([UInt8](repeating: 0, count: size), to: path)
            return path
        }
        func blocks(files: Int, bytes: Int64) -> [Int] {
            var lengths: [Int] = []
            while lengths.reduce(0, +) < paths.count {
                let rest = paths[lengths.reduce(0, +)...]
                lengths.append(MediaRows.length(ofBlock: rest, files: files, bytes: bytes))
            }
            return lengths
        }
        #expect(blocks(files: 512, bytes: 100) == [5])
        #expect(blocks(files: 2, bytes: 100) == [2, 2, 1])
        #expect(blocks(files: 512, bytes: 20) == [2, 1, 2])
        #expect(MediaRows.length(ofBlock: [folder + "/none"], files: 512, bytes: 20) == 1)
    }
}
