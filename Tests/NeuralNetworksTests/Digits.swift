import Images
import Platform

/// The handwritten digits of Digits/LICENSE.md, in the set's own order.
struct Digits {
    static let count = 1797
    /// Pixels along each side.
    static let side = 8

    /// count × side × side, 0 black to 1 white.
    var pixels: [Float]
    /// count of 0...9.
    var labels: [Int]

    /// Reads Digits/digits.png and Digits/labels.txt beside this file.
    static func load() throws -> Digits {
        let folder = "\(#filePath)".replacing("Digits.swift", with: "Digits/")
        let sheet = try Image(png: try Files.read(folder + "digits.png"))
        let text = try Files.read(folder + "labels.txt")
        let labels = text.filter { $0 != UInt8(ascii: "\n") }.map { Int($0) - Int(UInt8(ascii: "0")) }
        precondition(labels.count == count && sheet.channels == 1, "the sheet and its labels do not agree")
        let across = sheet.width / side
        var pixels: [Float] = []
        pixels.reserveCapacity(count * side * side)
        for number in 0..<count {
            let corner = number / across * side * sheet.width + number % across * side
            for row in 0..<side {
                let start = corner + row * sheet.width
                pixels += sheet.pixels[start..<start + side].map { Float($0) / 255 }
            }
        }
        return Digits(pixels: pixels, labels: labels)
    }
}
