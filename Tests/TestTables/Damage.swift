/// Flips, overwritten words, cuts, doublings and splices.
///
/// - Parameter footer: So many bytes at the end say most: half of the damage goes there.
public func damaged(
    _ bytes: [UInt8], with other: [UInt8], _ random: inout SplitMix, footer: Int? = nil
) -> [UInt8] {
    var result = bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) {
        guard result.count > 16 else { break }
        let isFooter = footer != nil && !Bool.random(using: &random)
        let first = isFooter ? max(0, min(result.count - footer!, result.count - 9)) : 0
        let place = Int.random(in: first..<result.count - 8, using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0...2: result[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 3: result[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random)!
        case 4:
            let word: UInt64 = [0, 1, 0x7FFF_FFFF, 0xFFFF_FFFF, .max, .max >> 1].randomElement(
                using: &random)!
            let size = Bool.random(using: &random) ? 4 : 8
            for byte in 0..<size { result[place + byte] = UInt8(truncatingIfNeeded: word >> (8 * byte)) }
        case 5:
            // The footer's length stays at the end, so that more is reached.
            let end = min(result.count, place + Int.random(in: 1...64, using: &random))
            result.removeSubrange(place..<end)
        case 6:
            let end = min(result.count, place + Int.random(in: 1...64, using: &random))
            result.insert(contentsOf: result[place..<end], at: place)
        default:
            let from = Int.random(in: 0..<other.count, using: &random)
            let to = min(other.count, from + Int.random(in: 1...64, using: &random))
            let part = other[from..<to]
            let room = min(result.count, place + part.count)
            result.replaceSubrange(place..<room, with: part)
        }
    }
    return result
}
