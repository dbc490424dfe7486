import Audio
import CanonicalJSON
import Platform
import Testing

/// Files made by make.py beside, which also says what they must give.
@Suite struct WaveTests {
    struct Fixture {
        var name: String
        var bytes: [UInt8]
        var rate: Int
        var channels: Int
        var samples: [Float]
    }

    private static let folder = "\(#filePath)".replacing("WaveTests.swift", with: "")

    static let fixtures: [Fixture] = {
        do {
            let told = try JSONValue(parsing: try Files.read(folder + "cases.json")).object ?? [:]
            return try told.sorted { $0.key < $1.key }.map { name, value in
                let hex = Array((value["samples"]?.string ?? "").utf8)
                let samples = stride(from: 0, to: hex.count, by: 8).map {
                    Float(
                        bitPattern: UInt32(String(decoding: hex[$0..<$0 + 8], as: UTF8.self), radix: 16) ?? 0)
                }
                return Fixture(
                    name: name, bytes: try Files.read("\(folder)Fixtures/\(name).wav"),
                    rate: Int(value["rate"]?.integer ?? 0), channels: Int(value["channels"]?.integer ?? 0),
                    samples: samples)
            }
        } catch {
            fatalError("the fixtures cannot be read: \(error)")
        }
    }()

    private static func sound(_ bytes: [UInt8]) throws(AudioError) -> Sound {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(AudioError) in try Sound(wave: bytes) }
        }
        return try result.get()
    }

    private static func fault(_ bytes: [UInt8]) -> AudioError? {
        do throws(AudioError) { _ = try sound(bytes) } catch { return error }
        return nil
    }

    private static func bytes(_ name: String) throws -> [UInt8] {
        try #require(fixtures.first { $0.name == name }).bytes
    }

    @Test func `every encoding gives its samples`() throws {
        #expect(Self.fixtures.count == 14)
        for fixture in Self.fixtures {
            let sound = try Self.sound(fixture.bytes)
            #expect(sound.rate == fixture.rate && sound.channels == fixture.channels, "\(fixture.name)")
            #expect(sound.samples == fixture.samples, "\(fixture.name)")
            #expect(sound.frames * sound.channels == sound.samples.count)
        }
    }

    @Test func `the header says what is decoded`() throws {
        for fixture in Self.fixtures {
            let header = try fixture.bytes.withUnsafeBytes { bytes in
                Result { () throws(AudioError) in try WaveHeader(bytes) }
            }.get()
            #expect(header.rate == fixture.rate && header.channels == fixture.channels, "\(fixture.name)")
            #expect(header.frames == fixture.samples.count / fixture.channels, "\(fixture.name)")
        }
    }

    /// Where its last chunk is that of the samples, and tells its length.
    @Test func `a file cut anywhere is refused`() {
        for fixture in Self.fixtures where !["chunks", "stream"].contains(fixture.name) {
            for count in 0..<fixture.bytes.count {
                switch Self.fault(Array(fixture.bytes[..<count])) {
                case .signature(count) where count < 12, .cut(count, _) where count > 12: break
                case .damaged where count < 44 || fixture.name.hasPrefix("f") || fixture.name == "extensible":
                    break
                case let fault: Issue.record("\(fixture.name), \(count) bytes: \(String(describing: fault))")
                }
            }
        }
    }

    @Test func `a flipped bit gives a sound or an error`() {
        var sounds = 0
        for fixture in Self.fixtures {
            for bit in 0..<8 * fixture.bytes.count {
                var bytes = fixture.bytes
                bytes[bit / 8] ^= 1 << (bit % 8)
                do throws(AudioError) {
                    let sound = try Self.sound(bytes)
                    #expect(sound.samples.count % sound.channels == 0 && sound.rate > 0)
                    #expect(sound.samples.count <= bytes.count)
                    sounds += 1
                } catch {
                    #expect(!error.description.isEmpty)
                }
            }
        }
        #expect(sounds > 1000)
    }

    @Test func `lying lengths are told`() throws {
        func changed(_ name: String, _ place: Int, _ new: [UInt8]) throws -> String? {
            var bytes = try Self.bytes(name)
            bytes.replaceSubrange(place..<place + new.count, with: new)
            return Self.fault(bytes)?.description
        }
        // The size of the samples of a plain file stands at 40, of its format at 16.
        #expect(
            try changed("whole-16-1", 40, [0, 0, 0, 0x7F])
                == "the WAV file ends too early, after 84 bytes; it announces \(44 + 0x7F00_0000)")
        #expect(
            try changed("whole-16-2", 40, [38, 0, 0, 0])
                == "the WAV file is damaged at byte 36: 38 bytes of samples make no whole frames of 4")
        #expect(
            try changed("whole-16-1", 16, [4, 0, 0, 0])
                == "the WAV file is damaged at byte 12: its format has 4 bytes, not at least 16")
        #expect(
            try changed("whole-16-1", 32, [7, 0])
                == "the WAV file is damaged at byte 12: its format has 1 channels, 16000 frames a second, 7 bytes a frame of 16 bits"
        )
        #expect(
            try changed("whole-16-1", 22, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
                == "the WAV file is damaged at byte 12: its format has 0 channels, 0 frames a second, 0 bytes a frame of 16 bits"
        )
        #expect(
            try changed("whole-16-1", 36, Array("none".utf8))
                == "the WAV file is damaged at byte 84: it has no samples")
        #expect(
            try changed("whole-16-1", 12, Array("none".utf8))
                == "the WAV file is damaged at byte 36: its samples come before their format")
        #expect(
            try changed("whole-16-1", 36, Array("fmt ".utf8))
                == "the WAV file is damaged at byte 36: it has two formats")
    }

    @Test func `what is not read is named`() throws {
        func changed(_ name: String, _ place: Int, _ new: [UInt8]) throws -> String? {
            var bytes = try Self.bytes(name)
            bytes.replaceSubrange(place..<place + new.count, with: new)
            return Self.fault(bytes)?.description
        }
        let cases: [(UInt8, String)] = [
            (2, "ADPCM"), (6, "A-law"), (7, "µ-law"), (0x55, "MP3"), (99, "format 99"),
            (3, "floating-point numbers"),
        ]
        for (tag, name) in cases {
            #expect(
                try changed("whole-16-1", 20, [tag, 0])
                    == "the WAV file is of \(name) with 16 bits a sample, which is not read")
        }
        #expect(
            try changed("whole-16-1", 34, [12, 0])
                == "the WAV file is of whole numbers with 12 bits a sample, which is not read")
        #expect(
            try changed("extensible", 50, [1])
                == "the WAV file is of an extensible format that is not one of Microsoft's, which is not read"
        )
        #expect(
            try changed("whole-8-1", 0, Array("RF64".utf8))
                == "the WAV file is an RF64 file, of more than 4 GiB, which is not read")
        #expect(
            try changed("whole-8-1", 0, Array("RIFX".utf8))
                == "the WAV file is a RIFX file, with big-endian samples, which is not read")
        #expect(
            Self.fault(Array("OggS".utf8))?.description
                == "not a WAV file: its 4 bytes do not begin with RIFF, a size and WAVE")
        #expect(
            try changed("float-32", 44 + 4 * 5, [0, 0, 0xC0, 0x7F])
                == "the WAV file has a sample that is no number: frame 3, channel 2")
    }
}
