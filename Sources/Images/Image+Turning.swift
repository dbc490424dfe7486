extension Image {
    /// The picture as people see it, of one stored with an Exif orientation:
    /// mirrored, turned by quarters, or both (Exif 2.32, 4.6.4 A).
    func turned(from orientation: Int) -> Image {
        guard (2...8).contains(orientation) else { return self }
        let last = width * height - 1
        /// Where the first pixel seen is stored, and how far from one to the
        /// next to its right and below it.
        let (first, right, down) =
            switch orientation {
            case 2: (width - 1, -1, width)
            case 3: (last, -1, -width)
            case 4: (last - width + 1, 1, -width)
            case 5: (0, width, 1)
            case 6: (last - width + 1, -width, 1)
            case 7: (last, -width, -1)
            default: (width - 1, width, -1)
            }
        let (seenWidth, seenHeight) = orientation > 4 ? (height, width) : (width, height)
        let seen = [UInt8](unsafeUninitializedCapacity: pixels.count) { seen, count in
            pixels.withUnsafeBufferPointer { stored in
                for y in 0..<seenHeight {
                    for x in 0..<seenWidth {
                        let place = (first + x * right + y * down) * channels
                        for channel in 0..<channels { seen[count + channel] = stored[place + channel] }
                        count += channels
                    }
                }
            }
        }
        return Image(width: seenWidth, height: seenHeight, channels: channels, pixels: seen)
    }
}
