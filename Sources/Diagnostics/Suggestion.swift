/// The candidate nearest to what was written, if it is near enough to be
/// meant: an edit distance (insertion, deletion, substitution, neighbouring
/// swap) of at most 3 and less than half the longer word.
///
/// - Returns: The nearest; of several equally near, the first in order.
/// - Complexity: O(candidates × length²).
public func closest<C: Sequence<String>>(to written: String, among candidates: C) -> String? {
    let word = Array(written.lowercased().unicodeScalars)
    guard word.count <= 64 else { return nil }
    var best: (distance: Int, candidate: String)?
    for candidate in candidates {
        let other = Array(candidate.lowercased().unicodeScalars)
        guard abs(other.count - word.count) <= 3 else { continue }
        let distance = editDistance(word, other)
        guard distance <= 3, distance * 2 < max(word.count, other.count) + 1 else { continue }
        if best == nil || distance < best!.distance { best = (distance, candidate) }
    }
    return best?.candidate
}

/// "did you mean 'x'?" for the nearest candidate.
public func didYouMean<C: Sequence<String>>(_ written: String, among candidates: C) -> String? {
    closest(to: written, among: candidates).map { "did you mean '\($0)'?" }
}

/// Optimal string alignment distance. Source: G. Navarro, "A guided tour to
/// approximate string matching", ACM Computing Surveys 33 (2001), section 2.
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var beforePrevious = [Int](repeating: 0, count: b.count + 1)
    var previous = Array(0...b.count)
    for i in a.indices {
        var current = [i + 1]
        for j in b.indices {
            var cost = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                cost = min(cost, beforePrevious[j - 1] + 1)
            }
            current.append(cost)
        }
        (beforePrevious, previous) = (previous, current)
    }
    return previous[b.count]
}

/// Names for a note: at most `limit`, then an ellipsis.
public func listing<C: Collection<String>>(_ names: C, limit: Int = 12) -> String {
    names.prefix(limit).joined(separator: ", ") + (names.count > limit ? ", ..." : "")
}
