import DataFrames
import PipelineLanguage
import Platform

/// How many rows are equal to one before them, and how many lack a value: of every row a 64-bit hash is kept, null equal to
/// null. A table of many rows passes several times, each time for another part of the hashes.
struct RepeatedRows {
    private(set) var repeated = 0
    private(set) var incomplete = 0

    /// Hashes that are held at once.
    private static let most = 1 << 23

    init(_ run: StageRun, rows: Int, _ pool: WorkerPool, most: Int = RepeatedRows.most) throws {
        let passes = max(1, (rows + most - 1) / most)
        for pass in 0..<passes {
            var hashes: [UInt64] = []
            hashes.reserveCapacity(rows / passes + rows / passes / 64)
            var reader = try run.reader("in")
            try reader.eachBatch { frame, _ in
                let (own, lacking) = Self.hashes(of: frame, pool)
                if pass == 0 { incomplete += lacking }
                if passes == 1 {
                    hashes += own
                } else {
                    hashes += own.lazy.filter { ($0 >> 32) % UInt64(passes) == UInt64(pass) }
                }
            }
            hashes.sort()
            repeated += zip(hashes, hashes.dropFirst()).count { $0 == $1 }
        }
    }

    /// Of each row, and how many lack a value.
    private static func hashes(of frame: DataFrame, _ pool: WorkerPool) -> ([UInt64], incomplete: Int) {
        var hashes = [UInt64](repeating: 0, count: frame.count)
        let piece = 8192
        let pieces = (frame.count + piece - 1) / piece
        var lacking = [Int](repeating: 0, count: pieces)
        hashes.withUnsafeMutableBufferPointer { hashes in
            lacking.withUnsafeMutableBufferPointer { lacking in
                nonisolated(unsafe) let (hashes, lacking) = (hashes, lacking)
                pool.runEach(pieces) { number in
                    let rows = number * piece..<min(frame.count, (number + 1) * piece)
                    var isLacking = [Bool](repeating: false, count: rows.count)
                    for column in frame.columns { mix(column, rows, hashes, &isLacking) }
                    lacking[number] = isLacking.count { $0 }
                }
            }
        }
        return (hashes, lacking.reduce(0, +))
    }

    private static func mix(
        _ column: DataColumn, _ rows: Range<Int>, _ hashes: UnsafeMutableBufferPointer<UInt64>,
        _ isLacking: inout [Bool]
    ) {
        let validity = column.validity
        func each(_ word: (Int) -> UInt64, isNaN: (Int) -> Bool = { _ in false }) {
            for row in rows {
                let isNull = validity?[row] == false || isNaN(row)
                if isNull { isLacking[row - rows.lowerBound] = true }
                let product =
                    (hashes[row] ^ (isNull ? 0x9E37_79B9_7F4A_7C15 : word(row) ^ 0xA076_1D64_78BD_642F))
                    .multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
                hashes[row] = product.high ^ product.low
            }
        }
        func bytes(_ all: [UInt8], _ offsets: Offsets) {
            all.withUnsafeBufferPointer { all in
                each { TextHash.of(UnsafeBufferPointer(rebasing: all[offsets[$0]..<offsets[$0 + 1]])) }
            }
        }
        switch column.storage {
        case .boolean(let values): each { values[$0] ? 1 : 2 }
        case .int64(let values), .timestamp(let values): each { UInt64(bitPattern: values[$0]) }
        case .float64(let values): each({ (values[$0] + 0).bitPattern }, isNaN: { values[$0].isNaN })
        case .date32(let values), .dictionary(let values, _): each { UInt64(UInt32(bitPattern: values[$0])) }
        case .utf8(let texts): bytes(texts.bytes, texts.offsets)
        case .binary(let files): bytes(files.bytes, files.offsets)
        }
    }
}
