import CanonicalJSON
import Platform

/// A file made by a script beside, and the picture it must give.
struct Fixture {
    var name: String
    var bytes: [UInt8]
    var width: Int
    var height: Int
    var channels: Int
    var pixels: [UInt8]

    private static let folder = "\(#filePath)".replacing("Fixture.swift", with: "")

    /// Sorted by their names.
    static func all(in cases: String, suffix: String) -> [Fixture] {
        do {
            let told = try JSONValue(parsing: try Files.read(folder + cases)).object ?? [:]
            return try told.sorted { $0.key < $1.key }.map { name, value in
                func number(_ key: String) -> Int { Int(value[key]?.integer ?? 0) }
                let hex = Array((value["pixels"]?.string ?? "").utf8)
                let pixels = stride(from: 0, to: hex.count, by: 2).map {
                    UInt8(String(decoding: hex[$0..<$0 + 2], as: UTF8.self), radix: 16) ?? 0
                }
                return Fixture(
                    name: name, bytes: try Files.read("\(folder)Fixtures/\(name).\(suffix)"),
                    width: number("width"), height: number("height"), channels: number("channels"),
                    pixels: pixels)
            }
        } catch {
            fatalError("the fixtures cannot be read: \(error)")
        }
    }
}
