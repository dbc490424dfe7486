/// Texts put together in groups, each known by its first text. Source: Galler and Fischer, "An improved equivalence
/// algorithm", 1964, with paths halved.
final class TextGroups {
    private var parents: [Int]

    init(_ texts: Int) { parents = Array(0..<texts) }

    func first(of text: Int) -> Int {
        var text = text
        while parents[text] != text {
            parents[text] = parents[parents[text]]
            text = parents[text]
        }
        return text
    }

    func join(_ a: Int, _ b: Int) {
        let (a, b) = (first(of: a), first(of: b))
        parents[max(a, b)] = min(a, b)
    }
}
