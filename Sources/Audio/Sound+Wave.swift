extension Sound {
    /// Decodes a WAV file.
    ///
    /// Whole numbers of n bits are divided by 2^(n-1), those of 8 bits less
    /// 128 before; exact but for 32 bits, which are rounded to the nearest.
    /// Floating-point numbers are as stored, of 64 bits rounded to 32. Chunks
    /// other than format and samples are passed over.
    ///
    /// - Throws: `AudioError`, whatever the bytes; never traps.
    /// - Complexity: O(bytes); takes at most four bytes of memory for each of
    ///   the file's.
    public init(wave bytes: UnsafeRawBufferPointer) throws(AudioError) {
        let header = try WaveHeader(bytes)
        let data = UnsafeRawBufferPointer(rebasing: bytes[header.range])
        let width = header.encoding.bytes
        let count = data.count / width
        func samples(_ value: (Int) -> Float) -> [Float] {
            [Float](unsafeUninitializedCapacity: count) { samples, filled in
                for index in 0..<count { samples.initializeElement(at: index, to: value(index * width)) }
                filled = count
            }
        }
        let found: [Float] =
            switch header.encoding {
            case .integer(8): samples { Float(Int(data[$0]) - 128) / 0x1p7 }
            case .integer(16): samples { Float(data.little($0, Int16.self)) / 0x1p15 }
            case .integer(24):
                samples { place in
                    let low = Int32(data.little(place, UInt16.self))
                    return Float(Int32(Int8(bitPattern: data[place + 2])) << 16 | low) / 0x1p23
                }
            case .integer: samples { Float(data.little($0, Int32.self)) / 0x1p31 }
            case .float(32): samples { Float(bitPattern: data.little($0, UInt32.self)) }
            case .float: samples { Float(Double(bitPattern: data.little($0, UInt64.self))) }
            }
        if case .float = header.encoding, let wrong = found.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(frame: wrong / header.channels, channel: wrong % header.channels)
        }
        self.init(rate: header.rate, channels: header.channels, samples: found)
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func little<T: FixedWidthInteger & BitwiseCopyable>(_ place: Int, _: T.Type) -> T {
        T(littleEndian: loadUnaligned(fromByteOffset: place, as: T.self))
    }
}
