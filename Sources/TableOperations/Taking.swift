import DataFrames
import TableTypes

/// Rows by their places, a place below zero giving no row: the inner loop of
/// joins and groups, which `DataColumn.gather` has no word for.
extension Array where Element: BitwiseCopyable {
    /// - Precondition: Every place lies within the array.
    func taking(_ places: [Int32]) -> [Element] {
        withUnsafeBufferPointer { source in
            places.withUnsafeBufferPointer { places in
                [Element](unsafeUninitializedCapacity: places.count) { target, count in
                    for index in 0..<places.count {
                        target.initializeElement(at: index, to: source[Int(places[index])])
                    }
                    count = places.count
                }
            }
        }
    }

    /// As `taking`, and `none` for a place below zero: no branch, for which places are below zero can seldom be
    /// foretold.
    func taking(_ places: [Int32], none: Element) -> [Element] {
        guard !isEmpty else { return [Element](repeating: none, count: places.count) }
        return withUnsafeBufferPointer { source in
            places.withUnsafeBufferPointer { places in
                [Element](unsafeUninitializedCapacity: places.count) { target, count in
                    for index in 0..<places.count {
                        let place = Int(places[index])
                        let value = source[place & ~(place >> 63)]
                        target.initializeElement(at: index, to: place < 0 ? none : value)
                    }
                    count = places.count
                }
            }
        }
    }
}

extension StringStorage {
    /// The texts at these places, empty for one below zero. O(bytes taken).
    func taking(_ places: [Int32]) -> StringStorage {
        offsets.withView { starts in
            places.withUnsafeBufferPointer { places in
                var total = 0
                let ends = [Int](unsafeUninitializedCapacity: places.count + 1) { ends, count in
                    ends.initializeElement(at: 0, to: 0)
                    for index in 0..<places.count {
                        let place = Int(places[index])
                        if place >= 0 { total += starts[place + 1] - starts[place] }
                        ends.initializeElement(at: index + 1, to: total)
                    }
                    count = places.count + 1
                }
                let taken = bytes.withUnsafeBufferPointer { source in
                    [UInt8](unsafeUninitializedCapacity: total) { target, count in
                        for index in 0..<places.count where places[index] >= 0 {
                            let start = starts[Int(places[index])]
                            let length = ends[index + 1] - ends[index]
                            guard length > 0, let from = source.baseAddress, let to = target.baseAddress
                            else { continue }
                            (to + ends[index]).update(from: from + start, count: length)
                        }
                        count = total
                    }
                }
                return StringStorage(uncheckedOffsets: Offsets(ends), bytes: taken)
            }
        }
    }
}

extension DataColumn {
    /// The rows at these places, null for one below zero.
    ///
    /// - Precondition: Every place lies within the column.
    /// - Complexity: O(rows taken), for texts O(bytes taken).
    func taking(_ places: [Int32], hasGaps: Bool) -> DataColumn {
        let taken: ColumnStorage =
            switch storage {
            case .boolean(let values): .boolean(values.taking(places, hasGaps, false))
            case .int64(let values): .int64(values.taking(places, hasGaps, 0))
            case .float64(let values): .float64(values.taking(places, hasGaps, 0))
            case .utf8(let values): .utf8(values.taking(places))
            case .binary(let values): .binary(values.gather(places))
            case .dictionary(let indices, let levels):
                .dictionary(indices: indices.taking(places, hasGaps, 0), levels: levels)
            case .date32(let values): .date32(values.taking(places, hasGaps, 0))
            case .timestamp(let values): .timestamp(values.taking(places, hasGaps, 0))
            }
        guard hasGaps || validity != nil else { return DataColumn(name, type, taken) }
        let bitmap = places.withUnsafeBufferPointer { places in
            guard let validity, validity.count > 0 else {
                return ValidityBitmap(packing: places.count, by: []) { _, row in places[row] < 0 ? 0 : 1 }
            }
            return ValidityBitmap(packing: places.count, by: validity.bytes) { bytes, row in
                let place = Int(places[row])
                let bit = bytes[(place & ~(place >> 63)) >> 3] >> UInt8(place & 7) & 1
                return bit & (place < 0 ? 0 : 1)
            }
        }
        return DataColumn(name, type, taken, validity: bitmap)
    }
}

extension Array where Element: BitwiseCopyable {
    fileprivate func taking(_ places: [Int32], _ hasGaps: Bool, _ none: Element) -> [Element] {
        hasGaps ? taking(places, none: none) : taking(places)
    }
}

extension ValidityBitmap {
    /// A bitmap whose bits, 0 or 1, are asked for one by one, packed as they come.
    init(
        packing count: Int, by bytes: [UInt8],
        _ bit: (UnsafeBufferPointer<UInt8>, Int) -> UInt8
    ) {
        let packed = bytes.withUnsafeBufferPointer { bytes in
            [UInt8](unsafeUninitializedCapacity: (count + 7) / 8) { target, filled in
                for byte in 0..<((count + 7) / 8) {
                    var bits: UInt8 = 0
                    for place in 0..<Swift.min(8, count - byte * 8) {
                        bits |= bit(bytes, byte * 8 + place) << UInt8(place)
                    }
                    target.initializeElement(at: byte, to: bits)
                }
                filled = (count + 7) / 8
            }
        }
        self.init()
        packed.withUnsafeBytes { append(bits: $0, count: count) }
    }
}
