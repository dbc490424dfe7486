import Testing

@testable import Images

/// Files of every colour type and depth, made by make.py beside, which also says
/// what they must give.
@Suite struct PNGTests {
    static let fixtures = Fixture.all(in: "cases.json", suffix: "png")

    private static func bytes(_ name: String) throws -> [UInt8] {
        try #require(fixtures.first { $0.name == name }).bytes
    }

    @Test func everyColourTypeDepthAndInterlacingGivesItsPixels() throws {
        #expect(Self.fixtures.count == 48)
        for fixture in Self.fixtures {
            let image = try Image(png: fixture.bytes)
            #expect(image.width == fixture.width, "\(fixture.name)")
            #expect(image.height == fixture.height, "\(fixture.name)")
            #expect(image.channels == fixture.channels, "\(fixture.name)")
            #expect(image.pixels == fixture.pixels, "\(fixture.name)")
        }
    }

    /// Both readers of one file.
    private static func both(
        _ bytes: [UInt8]
    ) -> (plain: [UInt8]?, libpng: Result<Image, ImageError>) {
        bytes.withUnsafeBytes { bytes in
            (
                PlainPNG(bytes)?.pixels(limit: 1 << 20),
                Result { () throws(ImageError) in try Image(libpng: bytes, limit: 1 << 20) }
            )
        }
    }

    @Test func plainFilesAreReadAsLibpngReadsThem() throws {
        var plain = 0
        for fixture in Self.fixtures {
            let both = Self.both(fixture.bytes)
            guard let pixels = both.plain else { continue }
            plain += 1
            #expect(try pixels == both.libpng.get().pixels, "\(fixture.name)")
        }
        #expect(plain >= 3)
    }

    /// Whatever is changed: a file that is plain is one of libpng's, with the same pixels.
    @Test func whatIsTakenForPlainIsRightForLibpng() throws {
        var plain = 0
        for fixture in Self.fixtures where Self.both(fixture.bytes).plain != nil {
            for bit in 8 * 8..<8 * fixture.bytes.count {
                var bytes = fixture.bytes
                bytes[bit / 8] ^= 1 << (bit % 8)
                let both = Self.both(Checksums.mended(bytes))
                guard let pixels = both.plain else { continue }
                plain += 1
                #expect(try pixels == both.libpng.get().pixels, "\(fixture.name), bit \(bit)")
            }
        }
        #expect(plain > 0)
    }

    /// zlib, given all room at once, would not hold matches to the window that the stream names; libpng does.
    @Test func aStreamThatNamesASmallWindowIsLeftToLibpng() throws {
        var bytes = try Self.bytes("colour-8")
        let start = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("IDAT".utf8)) }) + 4
        // 256 bytes, of a picture of 280; with the check that goes with it (RFC 1950).
        bytes[start] = 0x08
        bytes[start + 1] = bytes[start + 1] & 0xE0
        while (Int(bytes[start]) << 8 | Int(bytes[start + 1])) % 31 != 0 { bytes[start + 1] += 1 }
        #expect(Self.both(Checksums.mended(bytes)).plain == nil)
        #expect(try Self.both(Self.bytes("colour-8")).plain != nil)
    }

    /// Every filter, rows of one pixel and of many, by a plain reading of the specification.
    @Test(arguments: [1, 3, 4]) func filtersAreUndone(channels: Int) {
        var state: UInt64 = 1
        for (width, rows) in [(1, 1), (1, 9), (5, 10), (64, 12), (67, 30)] {
            let stride = width * channels
            var filtered: [UInt8] = []
            for row in 0..<rows {
                filtered.append(UInt8(row % 5))
                for _ in 0..<stride {
                    state = state &* 6_364_136_223_846_793_005 &+ 1
                    filtered.append(UInt8(truncatingIfNeeded: state >> 33))
                }
            }
            var expected = [UInt8](repeating: 0, count: stride * rows)
            for row in 0..<rows {
                for place in 0..<stride {
                    func at(_ row: Int, _ place: Int) -> Int {
                        row < 0 || place < 0 ? 0 : Int(expected[row * stride + place])
                    }
                    let (a, b, c) = (
                        at(row, place - channels), at(row - 1, place), at(row - 1, place - channels)
                    )
                    let p = a + b - c
                    let paeth =
                        abs(p - a) <= abs(p - b) && abs(p - a) <= abs(p - c)
                        ? a : abs(p - b) <= abs(p - c) ? b : c
                    let guess = [0, a, b, (a + b) / 2, paeth][row % 5]
                    expected[row * stride + place] =
                        filtered[row * (stride + 1) + 1 + place] &+ UInt8(truncatingIfNeeded: guess)
                }
            }
            var pixels = [UInt8](repeating: 0, count: stride * rows)
            let padded = filtered + [UInt8](repeating: 0xAA, count: PNGFilters.padding)
            let isRight = PNGFilters.undo(
                padded, stride: stride, rows: rows, channels: channels, into: &pixels)
            #expect(isRight && pixels == expected, "\(width) x \(rows)")
        }
    }

    @Test func aFileCutAnywhereIsRefused() {
        for fixture in Self.fixtures {
            for count in 0..<fixture.bytes.count {
                let fault = Self.fault(Array(fixture.bytes[..<count]))
                switch fault {
                case .signature(.png, count) where count < 8, .tooShort(.png, _, _, count): break
                case .cut(.png, count) where count >= 8: break
                default: Issue.record("\(fixture.name), \(count) bytes: \(String(describing: fault))")
                }
            }
        }
    }

    /// Checksums find every single bit; where the length of a chunk is what was
    /// changed, what follows is taken for other chunks.
    @Test func noFlippedBitGoesUnnoticed() {
        for fixture in Self.fixtures {
            for bit in 0..<8 * fixture.bytes.count {
                var bytes = fixture.bytes
                bytes[bit / 8] ^= 1 << (bit % 8)
                if Self.fault(bytes) == nil { Issue.record("\(fixture.name), bit \(bit)") }
            }
        }
    }

    /// With the checksums made right again, what was changed is as good as any
    /// file: an error that says something, or an image.
    @Test func anyFileWithRightChecksumsIsAnImageOrAnError() {
        var images = 0
        for fixture in Self.fixtures {
            for bit in 8 * 8..<8 * fixture.bytes.count {
                var bytes = fixture.bytes
                bytes[bit / 8] ^= 1 << (bit % 8)
                do throws(ImageError) {
                    let image = try Image(png: Checksums.mended(bytes), limit: 1 << 20)
                    #expect(image.pixels.count == image.width * image.height * image.channels)
                    images += 1
                } catch {
                    #expect(!error.description.isEmpty)
                }
            }
        }
        #expect(images > 1000)
    }

    @Test func whatFollowsTheEndIsNotLookedAt() throws {
        for fixture in Self.fixtures {
            #expect(try Image(png: fixture.bytes + [1, 2, 3]).pixels == fixture.pixels, "\(fixture.name)")
        }
    }

    @Test func aSizeIsRefusedBeforeMemoryIsTaken() throws {
        var bytes = try Self.bytes("colour-8")
        bytes.replaceSubrange(16..<24, with: [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])
        let side = 0x7FFF_FFFF
        #expect(
            Self.fault(Checksums.mended(bytes))
                == .tooLarge(width: side, height: side, channels: 3, limit: 1 << 28))
        bytes.replaceSubrange(16..<24, with: [0, 0, 0x10, 0, 0, 0, 0x20, 0])
        #expect(
            Self.fault(Checksums.mended(bytes))
                == .tooShort(.png, width: 4096, height: 8192, bytes: bytes.count))
        let small = try Self.bytes("colour-8")
        #expect(throws: ImageError.tooLarge(width: 9, height: 10, channels: 3, limit: 269)) {
            try Image(png: small, limit: 269)
        }
        #expect(try Image(png: small, limit: 270).width == 9)
    }

    @Test func errorsSayWhatIsWrong() throws {
        #expect(
            "\(ImageError.signature(.png, bytes: 3))"
                == "not a PNG file: its 3 bytes do not begin with PNG's signature")
        #expect("\(ImageError.cut(.png, bytes: 40))" == "the PNG file ends too early, after 40 bytes")
        #expect(
            "\(ImageError.tooLarge(width: 9, height: 10, channels: 3, limit: 269))"
                == "an image of 9 x 10 with 3 channels is too large: allowed are 269 bytes")
        #expect(
            "\(ImageError.tooShort(.png, width: 4096, height: 8192, bytes: 300))"
                == "a PNG file of 300 bytes cannot hold the 4096 x 8192 pixels it announces")
        var bytes = try Self.bytes("grey-8")
        bytes[16] ^= 1
        #expect(
            Self.fault(bytes)?.description == "the PNG file is damaged before byte 33: IHDR: CRC error")
    }

    private static func fault(_ bytes: [UInt8]) -> ImageError? {
        do throws(ImageError) { _ = try Image(png: bytes) } catch { return error }
        return nil
    }
}
