import CPlatform
import Glibc

/// Starting one process: no signal handled or blocked, nothing open but 0, 1,
/// 2 and the report pipe, in a process group of its own.
enum Spawning {
    struct Failure: Error {
        var errno: Int32
        var path: String
    }

    /// A backstop for what grows faster than it is watched. Generous, since it
    /// counts what is reserved, such as the stacks of threads, not what is used.
    static func dataLimit(_ memory: Int64) -> UInt {
        let bounded = UInt(clamping: max(0, memory))
        let (product, overflow) = bounded.multipliedReportingOverflow(by: 4)
        let (sum, more) = product.addingReportingOverflow(4 << 30)
        return overflow || more ? .max : sum
    }

    /// - Parameters:
    ///   - output: What becomes its standard output and error.
    ///   - report: What becomes its descriptor 3, or -1.
    ///   - rules: What it may read, if not everything.
    /// - Note: `posix_spawn` shares memory with the child until it has
    ///   exec'ed, so it costs the same however large the keeper is, and it
    ///   returns the error of the exec itself.
    static func spawn(
        _ request: ProcessRequest, rules: ReadRules?, output: Int32, report: Int32
    ) throws(Failure) -> pid_t {
        let program = try locate(request)
        let binds = request.confinement?.binds ?? []
        let before = request.memory.map { sluice_swap_data_limit(dataLimit($0)) }
        defer { if let before { _ = sluice_swap_data_limit(before) } }
        let environment = request.environment.map { "\($0.key)=\($0.value)" }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        if rules != nil || !binds.isEmpty {
            return try confined(
                request, program, environment, binds: binds, rules: rules, output: output, report: report)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        // `output` may itself be 3, so it is copied first.
        if report >= 0 { posix_spawn_file_actions_adddup2(&actions, report, 3) }
        sluice_close_from(&actions, report >= 0 ? 4 : 3)
        sluice_change_folder(&actions, request.workingDirectory)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        setCleanSignals(&attributes, alongside: POSIX_SPAWN_SETPGROUP)
        posix_spawnattr_setpgroup(&attributes, 0)

        var pid: pid_t = 0
        let result = withCStrings(request.arguments) { arguments in
            withCStrings(environment) { posix_spawn(&pid, program, &actions, &attributes, arguments, $0) }
        }
        guard result == 0 else {
            var info = stat()
            let folder = request.workingDirectory
            let hasFolder =
                stat(folder, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR && access(folder, X_OK) == 0
            throw Failure(errno: result, path: hasFolder ? program : folder)
        }
        return pid
    }

    private static func confined(
        _ request: ProcessRequest, _ program: String, _ environment: [String],
        binds: [Confinement.Bind], rules: ReadRules?, output: Int32, report: Int32
    ) throws(Failure) -> pid_t {
        let folder = request.workingDirectory
        let maps = [Confinement.userMap, Confinement.groupMap]
        let texts = [program, folder] + maps + binds.flatMap { [$0.source, $0.target] }
        var obstacle = SluiceObstacle()
        let pid = withCStrings(texts) { texts in
            let places = (0..<binds.count).map {
                SluiceBind(source: texts[4 + 2 * $0], target: texts[5 + 2 * $0])
            }
            return withCStrings(request.arguments) { arguments in
                withCStrings(environment) { environment in
                    places.withUnsafeBufferPointer { places in
                        var start = SluiceStart(
                            program: texts[0], arguments: arguments, environment: environment,
                            folder: texts[1], output: output, report: report,
                            rules: rules?.descriptor ?? -1, binds: places.baseAddress,
                            bindCount: Int32(places.count), userMap: texts[2], groupMap: texts[3])
                        return sluice_start(&start, &obstacle)
                    }
                }
            }
        }
        guard pid < 0 else { return pid }
        let path =
            switch Int(obstacle.place) {
            case sluice_at_program: program
            case sluice_at_folder: folder
            case sluice_at_namespace: "a mount namespace"
            case let number where binds.indices.contains(number):
                access(binds[number].target, F_OK) == 0 ? binds[number].source : binds[number].target
            default: "pipe"
            }
        throw Failure(errno: obstacle.error, path: path)
    }

    /// Default actions and an empty mask: what this process ignores or blocks
    /// is no business of a child's.
    static func setCleanSignals(_ attributes: inout posix_spawnattr_t, alongside flags: Int32) {
        var set = sigset_t()
        sigemptyset(&set)
        posix_spawnattr_setsigmask(&attributes, &set)
        sigfillset(&set)
        posix_spawnattr_setsigdefault(&attributes, &set)
        posix_spawnattr_setflags(&attributes, Int16(flags | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    }

    /// The program's path. A name without a slash is looked up in the PATH that
    /// the process will have, not in ours.
    private static func locate(_ request: ProcessRequest) throws(Failure) -> String {
        let name = request.arguments[0]
        if name.utf8.contains(UInt8(ascii: "/")) { return name }
        var hidden = false
        let path = request.environment["PATH"] ?? "/bin:/usr/bin"
        for folder in path.split(separator: ":", omittingEmptySubsequences: false) where !name.isEmpty {
            let candidate = folder.isEmpty ? "./\(name)" : "\(folder)/\(name)"
            let isAbsolute = candidate.utf8.starts(with: "/".utf8)
            let here = isAbsolute ? candidate : "\(request.workingDirectory)/\(candidate)"
            var info = stat()
            guard stat(here, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { continue }
            if access(here, X_OK) == 0 { return candidate }
            hidden = true
        }
        throw Failure(errno: hidden ? EACCES : ENOENT, path: name)
    }

    static func withCStrings<R>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R
    ) -> R {
        var bytes: [UInt8] = []
        var starts: [Int] = []
        for string in strings {
            starts.append(bytes.count)
            bytes += string.utf8
            bytes.append(0)
        }
        return bytes.withUnsafeMutableBytes { buffer in
            let texts = buffer.bindMemory(to: CChar.self)
            var pointers: [UnsafeMutablePointer<CChar>?] = starts.map { texts.baseAddress! + $0 }
            pointers.append(nil)
            return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
        }
    }
}
