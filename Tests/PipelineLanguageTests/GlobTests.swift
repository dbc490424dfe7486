import PipelineLanguage
import Testing

@Suite struct GlobTests {
    @Test(arguments: [
        ("*", "", true), ("*", "a/b", true), ("part*", "part/loud", true), ("?", "", false),
        ("?", "ü", true), ("a?c", "abc", true), ("a*c", "ac", true), ("a*c", "abcd", false),
        ("*a*b", "xaxaxb", true), ("*a*b", "xaxax", false), ("a", "A", false), ("[a]", "a", false),
    ])
    func namesMatch(_ pattern: String, _ name: String, _ matches: Bool) {
        #expect(Glob.matches(pattern, name) == matches)
    }

    @Test(arguments: [
        ("a/*", "a/b", true), ("a/*", "a/b/c", false), ("*", "a/b", false), ("a?b", "a/b", false),
        ("**", "a/b", true), ("**/c", "c", true), ("**/c", "a/b/c", true), ("a/**/c", "a/c", true),
        ("a/**/c", "a/b/b/c", true), ("a/**/c", "a/b/d", false), ("a/**", "a", true), ("a/b", "a", false),
    ])
    func pathsMatchPartByPart(_ pattern: String, _ path: String, _ matches: Bool) {
        #expect(Glob.matchesPath(pattern, path) == matches)
    }

    @Test(arguments: [
        ("*.pyc", "a/b/x.pyc", true), ("build", "a/build/x", true), ("a*c", "ab/c", false),
        ("a/*", "a/b", true), ("a/*", "a/b/c", true), ("*/c", "a/b/c", false), ("**/c", "c", true),
        ("a/b", "a", false),
    ])
    func whatLiesInAFolderIsExcluded(_ pattern: String, _ path: String, _ isOut: Bool) {
        #expect(Glob.excludes(["other", pattern], path[...]) == isOut)
        #expect(!Glob.excludes([], path[...]))
    }
}
