import Platform
import Testing

@Suite("Large pages") struct LargePagesTests {
    @Test(
        "They are asked for behind what is there, unless that says something of them",
        arguments: [
            (nil, "glibc.malloc.hugetlb=1"), ("", "glibc.malloc.hugetlb=1"),
            ("glibc.malloc.arena_max=2", "glibc.malloc.arena_max=2:glibc.malloc.hugetlb=1"),
            ("glibc.malloc.hugetlb=0", "glibc.malloc.hugetlb=0"),
        ] as [(String?, String)])
    func tunables(_ given: String?, _ expected: String) {
        #expect(LargePages.tunables(given) == expected)
    }
}
