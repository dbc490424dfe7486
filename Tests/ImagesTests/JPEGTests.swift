import Testing

@testable import Images

/// Files made by make_jpeg.py beside, and what Pillow makes of them.
@Suite struct JPEGTests {
    static let fixtures = Fixture.all(in: "jpeg-cases.json", suffix: "jpg")

    private static func bytes(_ name: String) throws -> [UInt8] {
        try #require(fixtures.first { $0.name == name }).bytes
    }

    private static func header(_ bytes: [UInt8]) throws(ImageError) -> ImageHeader {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(ImageError) in try JPEGHeader(bytes).header }
        }
        return try result.get()
    }

    private static func fault(_ bytes: [UInt8], limit: Int = 1 << 24) -> ImageError? {
        do throws(ImageError) { _ = try Image(jpeg: bytes, limit: limit) } catch { return error }
        return nil
    }

    @Test func everyFormGivesItsPixelsUpright() throws {
        #expect(Self.fixtures.count == 18)
        for fixture in Self.fixtures {
            let image = try Image(jpeg: fixture.bytes)
            #expect(image.width == fixture.width && image.height == fixture.height, "\(fixture.name)")
            #expect(image.channels == fixture.channels, "\(fixture.name)")
            #expect(image.pixels == fixture.pixels, "\(fixture.name)")
        }
    }

    @Test func theHeaderSaysWhatIsDecoded() throws {
        for fixture in Self.fixtures {
            let header = try Self.header(fixture.bytes)
            #expect(header.format == .jpeg && header.width == fixture.width, "\(fixture.name)")
            #expect(header.height == fixture.height && header.channels == fixture.channels, "\(fixture.name)")
            if let digit = fixture.name.last?.wholeNumberValue, fixture.name.hasPrefix("orientation") {
                #expect(header.orientation == (digit < 9 ? digit : 1))
            }
        }
    }

    @Test func aFileCutAnywhereIsRefused() {
        for fixture in Self.fixtures {
            for count in 0..<fixture.bytes.count {
                switch Self.fault(Array(fixture.bytes[..<count])) {
                case .signature(.jpeg, count) where count < 3, .cut(.jpeg, count) where count >= 3: break
                case let fault: Issue.record("\(fixture.name), \(count) bytes: \(String(describing: fault))")
                }
            }
        }
    }

    /// No checksum tells damage apart from a picture: an error that says
    /// something, or as many pixels as the size says.
    @Test func aFlippedBitGivesAnImageOrAnError() {
        var images = 0
        for fixture in Self.fixtures where !fixture.name.hasPrefix("orientation") {
            for bit in stride(from: 0, to: 8 * fixture.bytes.count, by: 3) {
                var bytes = fixture.bytes
                bytes[bit / 8] ^= 1 << (bit % 8)
                do throws(ImageError) {
                    let image = try Image(jpeg: bytes, limit: 1 << 20)
                    #expect(image.pixels.count == image.width * image.height * image.channels)
                    images += 1
                } catch {
                    #expect(!error.description.isEmpty)
                }
            }
        }
        #expect(images > 500)
    }

    /// Real cameras and editors leave such bytes, and every viewer passes over them.
    @Test func bytesTooManyDoNoHarm() throws {
        let file = try #require(Self.fixtures.first { $0.name == "colour-420" })
        #expect(try Image(jpeg: file.bytes + [1, 2, 3]).pixels == file.pixels)
        var bytes = file.bytes
        bytes.insert(contentsOf: [0x12, 0x34, 0x56], at: bytes.count - 2)
        #expect(try Image(jpeg: bytes).pixels == file.pixels)
        // But not where something is missing as well.
        let scan = try #require(file.bytes.firstRange(of: [0xFF, 0xDA])).lowerBound
        bytes.removeSubrange((scan + 40)..<(scan + 100))
        #expect(Self.fault(bytes) != nil)
    }

    @Test func whatIsNotReadIsNamed() throws {
        func changed(_ name: String, _ change: (inout [UInt8], Int) -> Void) throws -> String? {
            var bytes = try Self.bytes(name)
            let frame = try #require(bytes.firstRange(of: [0xFF, 0xC0])).lowerBound
            change(&bytes, frame)
            return Self.fault(bytes)?.description
        }
        #expect(
            try changed("grey") { $0[$1 + 4] = 12 }
                == "the JPEG file is of 12 bits a sample, which is not read")
        #expect(try changed("grey") { $0[$1 + 1] = 0xC3 } == "the JPEG file is lossless, which is not read")
        #expect(
            try changed("grey") { $0[$1 + 1] = 0xC5 } == "the JPEG file is hierarchical, which is not read")
        #expect(
            try changed("grey") {
                $0[$1 + 5] = 0
                $0[$1 + 6] = 0
            }
                == "the JPEG file is one that tells its height behind its rows, which is not read")
        #expect(
            try changed("colour-444") { $0[$1 + 9] = 2 }
                == "the JPEG file is one of 2 components, which is not read")
        #expect(
            try changed("grey") {
                $0.removeSubrange($1...)
                $0 += [0xFF, 0xD9]
            }
                == "the JPEG file is damaged before byte 91: it has no frame")
        #expect(
            Self.fault([1, 2, 3])?.description
                == "not a JPEG file: its 3 bytes do not begin with JPEG's signature")
    }

    @Test func aSizeIsRefusedBeforeMemoryIsTaken() throws {
        var bytes = try Self.bytes("colour-444")
        let frame = try #require(bytes.firstRange(of: [0xFF, 0xC0])).lowerBound
        bytes.replaceSubrange((frame + 5)..<(frame + 9), with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(Self.fault(bytes) == .tooLarge(width: 65535, height: 65535, channels: 3, limit: 1 << 24))
        #expect(
            Self.fault(bytes, limit: .max)
                == .tooShort(.jpeg, width: 65535, height: 65535, bytes: bytes.count))
        let small = try Self.bytes("grey")
        #expect(Self.fault(small, limit: 19 * 13) == nil)
        #expect(
            Self.fault(small, limit: 19 * 13 - 1)
                == .tooLarge(width: 19, height: 13, channels: 1, limit: 19 * 13 - 1))
    }

    /// Every scan goes over the whole picture: a file of thousands would keep a
    /// program busy for as long as it likes.
    @Test func tooManyScansAreRefused() throws {
        let bytes = try Self.bytes("grey-progressive")
        let end = bytes.count - 2
        // The last refinement of the last coefficients, again and again.
        let scan = try #require(bytes[..<end].lastRange(of: [0xFF, 0xDA])).lowerBound
        let table = bytes[..<scan].lastRange(of: [0xFF, 0xC4])?.lowerBound ?? scan
        var many = Array(bytes[..<end])
        for _ in 0..<600 { many += bytes[table..<end] }
        many += [0xFF, 0xD9]
        let fault = try #require(Self.fault(many))
        #expect("\(fault)".contains("scan") || "\(fault)".contains("progression"), "\(fault)")
    }

    @Test func aFormatIsToldByTheFirstBytes() throws {
        func format(_ bytes: [UInt8]) -> ImageFormat? { bytes.withUnsafeBytes { ImageFormat(of: $0) } }
        #expect(format(try Self.bytes("grey")) == .jpeg && format(PNGTests.fixtures[0].bytes) == .png)
        #expect(format([]) == nil && format(Array("GIF89a".utf8)) == nil)
        func image(_ bytes: [UInt8]) throws -> Image {
            try bytes.withUnsafeBytes { bytes in
                Result { () throws(ImageError) in try Image(bytes) }
            }.get()
        }
        let fault = #expect(throws: ImageError.self) { try image(Array("GIF89a".utf8)) }
        #expect(
            fault?.description
                == "neither a PNG nor a JPEG file: its 6 bytes begin with the signature of neither")
        for fixture in PNGTests.fixtures {
            #expect(try image(fixture.bytes).pixels == fixture.pixels)
        }
    }
}

extension Collection where Element: Equatable {
    fileprivate func lastRange(of part: [Element]) -> Range<Index>? {
        indices.reversed().lazy.compactMap { start in
            self[start...].starts(with: part)
                ? start..<self.index(start, offsetBy: part.count) : nil
        }.first
    }
}
