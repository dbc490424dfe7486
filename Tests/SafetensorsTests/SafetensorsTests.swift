import CanonicalJSON
import Glibc
import Platform
import Safetensors
import Testing

private let goldens =
    "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    + "/Goldens"

private func sample() throws -> Safetensors {
    try Safetensors(
        [
            StoredTensor(name: "weights", shape: [2, 3], floats: [0, 0.25, 0.5, 0.75, 1, 1.25]),
            StoredTensor(name: "a.double", shape: [2], doubles: [0.1, -1e300]),
            StoredTensor(name: "flags", shape: [3], bools: [true, false, true]),
            StoredTensor(name: "codes", shape: [2], int64s: [-1, 1 << 40]),
            StoredTensor(name: "small", shape: [2, 1], int32s: [-7, 8]),
            StoredTensor(name: "raw", shape: [3], uint8s: [0, 255, 3]),
            StoredTensor(name: "scalar", shape: [], floats: [2.5]),
            StoredTensor(name: "nothing", shape: [0, 4], doubles: []),
        ], metadata: ["format": "np", "umlaut": "ü"])
}

/// A file of this header and data.
private func file(_ header: String, data: [UInt8] = []) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8) + data
}

private func message(_ bytes: [UInt8]) -> String {
    do {
        _ = try Safetensors(parsing: bytes)
        return "read"
    } catch { return "\(error)" }
}

@Suite struct SafetensorsTests {
    @Test func aFileOfThePeerIsRead() throws {
        #expect(try Safetensors(path: "\(goldens)/peer.safetensors") == sample())
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let sample = try sample()
        #expect(try Safetensors(parsing: sample.bytes) == sample)
        #expect(sample["weights"]?.floats == [0, 0.25, 0.5, 0.75, 1, 1.25])
        #expect(sample["a.double"]?.doubles == [0.1, -1e300])
        #expect(sample["codes"]?.int64s == [-1, 1 << 40])
        #expect(sample["small"]?.int32s == [-7, 8])
        #expect(sample["raw"]?.uint8s == [0, 255, 3])
        #expect(sample["flags"]?.bools == [true, false, true])
        #expect(sample["scalar"]?.shape == [])
        #expect(sample["flags"]?.floats == nil)
        #expect(sample["none"] == nil)
    }

    @Test func theBytesFollowFromTheContentAlone() throws {
        let two = [
            StoredTensor(name: "b", shape: [2], floats: [1, 2]),
            StoredTensor(name: "a", shape: [1], uint8s: [9]),
        ]
        let header =
            #"{"__metadata__":{"k":"v"},"a":{"data_offsets":[8,9],"dtype":"U8","shape":[1]},"#
            + #""b":{"data_offsets":[0,8],"dtype":"F32","shape":[2]}}"#
        let filled = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
        let expected = file(filled, data: [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 9])
        #expect(try Safetensors(two, metadata: ["k": "v"]).bytes == expected)
        #expect(try Safetensors(two.reversed(), metadata: ["k": "v"]).bytes == expected)
        #expect(try Safetensors([]).bytes == file("{}      "))
    }

    @Test func whatIsNoSafetensorsFileIsSaid() throws {
        func one(_ entry: String, data: Int = 0) -> String {
            message(file(#"{"t":\#(entry)}"#, data: [UInt8](repeating: 2, count: data)))
        }
        #expect(
            message([1, 2]) == "not a safetensors file: 2 bytes; the header's length alone takes 8")
        #expect(
            message([9, 0, 0, 0, 0, 0, 0, 0, 1])
                == "the header is said to have 9 bytes, but 1 follow; the file is cut or no safetensors file")
        #expect(
            message([UInt8](repeating: 255, count: 16))
                == "the header is said to have 18446744073709551615 bytes; the format allows 100000000")
        #expect(message(file("{")) == "the header is not valid JSON at byte 1: expected a key in quotes")
        #expect(message(file("[]")) == "the header is not a JSON object")
        #expect(
            message(file(#"{"a":1,"a":2}"#))
                == "the header is not valid JSON at byte 7: key 'a' is given twice")
        #expect(message(file(#"{"__metadata__":{"a":1}}"#)) == "'__metadata__' must map texts to texts")
        #expect(message(file(#"{"__metadata__":[]}"#)) == "'__metadata__' must map texts to texts")
        #expect(
            one(#"{"dtype":"F32","shape":[]}"#)
                == "tensor 't' must have 'dtype', 'shape' and 'data_offsets' and nothing else")
        #expect(
            one(#"{"dtype":"F16","shape":[],"data_offsets":[0,2]}"#, data: 2)
                == "tensor 't' has type 'F16'; read are F64, F32, I64, I32, U8, BOOL")
        let shape = "the shape of tensor 't' must be a list of whole numbers from 0 whose product is a size"
        #expect(one(#"{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}"#) == shape)
        #expect(one(#"{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}"#) == shape)
        #expect(one(#"{"dtype":"F32","shape":[9223372036854775807],"data_offsets":[0,4]}"#) == shape)
        let offsets = "'data_offsets' of tensor 't' must be two whole numbers from 0, begin before end"
        #expect(one(#"{"dtype":"U8","shape":[1],"data_offsets":[0]}"#) == offsets)
        #expect(one(#"{"dtype":"U8","shape":[1],"data_offsets":[2,1]}"#) == offsets)
        #expect(one(#"{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}"#) == offsets)
        #expect(
            one(#"{"dtype":"F32","shape":[3],"data_offsets":[0,4]}"#, data: 4)
                == "tensor 't' has 4 bytes; its shape and type need 12")
        #expect(
            one(#"{"dtype":"U8","shape":[1],"data_offsets":[1,2]}"#, data: 2)
                == "tensor 't' begins at byte 1 of the data, where 0 is due; tensors must follow each other "
                + "without gap or overlap")
        #expect(
            message(
                file(
                    #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"#
                        + #""b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#, data: [0, 0, 0]))
                == "tensor 'b' begins at byte 1 of the data, where 2 is due; tensors must follow each other "
                + "without gap or overlap")
        #expect(
            one(#"{"dtype":"U8","shape":[1],"data_offsets":[0,1]}"#, data: 2)
                == "the data has 2 bytes; the header describes 1")
        #expect(
            one(#"{"dtype":"U8","shape":[9],"data_offsets":[0,9]}"#, data: 2)
                == "the data has 2 bytes; the header describes 9")
        #expect(
            one(#"{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}"#, data: 1)
                == "element 0 of the BOOL tensor 't' is 2; it must be 0 or 1")
        let twice = StoredTensor(name: "x", shape: [], floats: [1])
        #expect(throws: SafetensorsError.duplicateName("x")) { try Safetensors([twice, twice]) }
        #expect("\(SafetensorsError.duplicateName("x"))" == "two tensors are named 'x'")
        #expect(throws: SafetensorsError.reservedName) {
            try Safetensors([StoredTensor(name: "__metadata__", shape: [], floats: [1])])
        }
        #expect("\(SafetensorsError.reservedName)" == "no tensor may be named '__metadata__'")
        do {
            _ = try Safetensors(path: "/no/such/file")
            Issue.record("read")
        } catch { #expect("\(error)" == "cannot read '/no/such/file': No such file or directory") }
    }

    /// Every prefix, and 60,000 files with up to four bytes changed: read or
    /// refused, never a trap; what is read is written and read the same.
    @Test func changedBytesAreReadOrRefused() throws {
        let whole = try sample().bytes
        for count in 0..<whole.count { #expect(message(Array(whole[..<count])) != "read") }
        var state: UInt64 = 88_172_645_463_325_252
        func next(_ bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(bound))
        }
        let telling = Array("{}[]\",:0129-.eFU8 \\".utf8)
        var (read, refused) = (0, 0)
        for _ in 0..<60_000 {
            var bytes = whole
            for _ in 0...next(4) {
                let place = next(3) == 0 ? next(8) : next(bytes.count)
                switch next(4) {
                case 0: bytes[place] = telling[next(telling.count)]
                case 1: bytes[place] = UInt8(next(256))
                case 2: bytes.remove(at: place)
                default: bytes.insert(telling[next(telling.count)], at: place)
                }
            }
            do {
                let file = try Safetensors(parsing: bytes)
                #expect(try Safetensors(parsing: file.bytes) == file)
                read += 1
            } catch { refused += 1 }
        }
        #expect(read > 1000 && refused > 10_000, "\(read) read, \(refused) refused")
    }

    @Test(.enabled(if: getenv("SLUICE_PEERS_PYTHON") != nil))
    func thePeerReadsOurFile() throws {
        let python = String(cString: try #require(getenv("SLUICE_PEERS_PYTHON")))
        let path = "/tmp/sluice-safetensors-\(getpid()).safetensors"
        defer { unlink(path) }
        try sample().write(to: path)
        let pipe = try #require(popen("\(python) \(goldens)/check.py \(path)", "r"))
        var bytes: [UInt8] = []
        while case let byte = fgetc(pipe), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        #expect(pclose(pipe) == 0)
        #expect(
            String(decoding: bytes, as: UTF8.self) == """
                [('format', 'np'), ('umlaut', 'ü')]
                a.double float64 [2] [0.1, -1e+300]
                codes int64 [2] [-1, 1099511627776]
                flags bool [3] [True, False, True]
                nothing float64 [0, 4] []
                raw uint8 [3] [0, 255, 3]
                scalar float32 [] [2.5]
                small int32 [2, 1] [-7, 8]
                weights float32 [2, 3] [0.0, 0.25, 0.5, 0.75, 1.0, 1.25]

                """)
    }
}
