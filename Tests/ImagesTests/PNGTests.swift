import Images
import Testing

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
