/// Pages of 2 MiB under what malloc takes from the system in one piece, where the system gives them to whoever asks
/// (`madvise` in /sys/kernel/mm/transparent_hugepage/enabled): a column is touched first in a fifth of the time, and
/// read with fewer misses. glibc reads its tunables when a process starts (2.35 on; others pass this over), so whoever
/// starts one says it.
public enum LargePages {
    /// The variable of the environment.
    public static let variable = "GLIBC_TUNABLES"

    private static let name = "glibc.malloc.hugetlb"

    /// The variable's value, behind what somebody has put there; who has chosen pages keeps them.
    public static func tunables(_ given: String?) -> String {
        guard let given, !given.isEmpty else { return name + "=1" }
        return given.contains(name + "=") ? given : "\(given):\(name)=1"
    }
}
