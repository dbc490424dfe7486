import Glibc
import Platform
import Testing

@testable import Processes

/// Processes that see less than the one that asked for them.
@Suite struct ConfinementTests {
    /// A project with a secret and a stage's folder.
    private final class Project {
        let scene: Scene
        let root: String
        var stage: String { root + "/store/stage" }

        /// A folder that only its owner writes to: below `/tmp` nothing is hidden.
        static let base: String = {
            let repository = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
            let home = getenv("HOME").map { String(cString: $0) }
            return [repository + "/.build", home, "/var/lib", "/srv"].compactMap { $0 }
                .first { access($0, W_OK) == 0 && Confinement.obstacle(hiding: $0) == nil } ?? "/tmp"
        }()
        static let canHide = Confinement.obstacle(hiding: base) == nil
        static let canBind = Confinement.canBind(in: base)

        init() throws {
            scene = try Scene()
            root = "\(Self.base)/sluice-confined-\(getpid())-\(UInt64.random(in: 0 ... .max))"
            try Files.makeDirectories(stage)
            try Files.write(Array("secret\n".utf8), to: root + "/data.csv")
            try Files.write(Array("own\n".utf8), to: stage + "/own")
        }

        deinit { try? Files.remove(root) }

        var hiding: Confinement { Confinement(hiddenRoot: root, readable: [root + "/store"]) }

        func run(_ command: String, _ change: (inout ProcessRequest) -> Void = { _ in }) throws -> String {
            let outcome = try scene.run(command) {
                $0.workingDirectory = stage
                $0.confinement = hiding
                change(&$0)
            }
            return scene.logText + "\(outcome.ending)"
        }

        func bind(_ bytes: String, at name: String) throws -> Confinement.Bind {
            try Files.write(Array(bytes.utf8), to: "\(root)/\(name).source")
            try Files.write([], to: "\(stage)/\(name)")
            return .init(source: "\(root)/\(name).source", target: "\(stage)/\(name)")
        }
    }

    @Test(.enabled(if: Project.canHide, "files cannot be hidden on this kernel"))
    func aHiddenFileCannotBeReadAndAllElseCan() throws {
        let project = try Project()
        let secret = project.root + "/data.csv"
        #expect(
            try project.run("cat own; cat ../../data.csv")
                == "own\ncat: ../../data.csv: Permission denied\nexited(1)")
        // Not by a child, not by a link, not by taking it along.
        #expect(try project.run("(cat '\(secret)' 2>&1 | cat) | grep -c denied") == "1\nexited(0)")
        #expect(
            try project.run("ln -s '\(secret)' link; cat link 2>&1 | grep -c denied") == "1\nexited(0)")
        #expect(try project.run("mv '\(secret)' taken 2>/dev/null || echo no").hasPrefix("no\n"))
        #expect(Files.exists(secret))
        // What is listed, written and made is as it was.
        #expect(try project.run("ls ../..; echo more >> ../../new") == "data.csv\nstore\nexited(0)")
        #expect(try Files.read(project.root + "/new") == Array("more\n".utf8))
        #expect(
            try project.run("cat /etc/passwd /proc/self/status /dev/null > out; test -s out; echo $?")
                == "0\nexited(0)")
        #expect(
            try project.run("mkdir d; stat -c %i own > a; mv own d/; stat -c %i d/own | cmp - a")
                == "exited(0)")
        // A bystander's files are read, also when they are new.
        let beside = project.root + "-beside"
        defer { try? Files.remove(beside) }
        try Files.write(Array("beside\n".utf8), to: beside)
        #expect(try project.run("cat '\(beside)'") == "beside\nexited(0)")
    }

    @Test(.enabled(if: Project.canHide, "files cannot be hidden on this kernel"))
    func aConfinedProcessStartsAsAnyOther() throws {
        let project = try Project()
        #expect(
            try project.run("ls /proc/self/fd; grep -E 'Sig(Blk|Ign)' /proc/self/status")
                == "0\n1\n2\n3\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nexited(0)")
        #expect(
            try project.run("readlink /proc/self/fd/0; cut -d' ' -f5 /proc/$$/stat | grep -cx $$")
                == "/dev/null\n1\nexited(0)")
        #expect(try project.run("exit 7") == "exited(7)")
        #expect(try project.run("kill -INT $$") == "signalled(2)")
        #expect(try project.run("id -u; id -g") == "\(geteuid())\n\(getegid())\nexited(0)")
        #expect(
            try project.run("echo $FOO; pwd") { $0.environment["FOO"] = "ä" }
                == "ä\n\(project.stage)\nexited(0)")
        #expect(try project.run("ulimit -d") { $0.memory = 1 << 30 } == "8388608\nexited(0)")
    }

    @Test(.enabled(if: Project.canHide, "files cannot be hidden on this kernel"))
    func whatIsLeftOfAConfinedProcessIsKilled() throws {
        let project = try Project()
        let scene = project.scene
        var request = scene.request(50, "sleep 100 & echo $! > child; echo $$ > pid; wait")
        request.confinement = project.hiding
        try scene.keeper.spawn(request)
        let pids = try scene.pids("pid", "child")
        scene.keeper.cancel(50, .gently)
        #expect(try scene.end(of: 50)?.ending == .cancelled)
        #expect(!pids.contains(where: isAlive))
        #expect(try project.run("setsid sleep 100 & exit 3") == "exited(3)")
    }

    @Test(.enabled(if: Project.canBind, "no mount namespaces here"))
    func aBoundFileIsReadAndNeverWritten() throws {
        let project = try Project()
        let binds = try [project.bind("one\n", at: "a"), project.bind("two\n", at: "b c")]
        func run(_ command: String) throws -> String {
            try project.run(command) { $0.confinement?.binds = binds }
        }
        #expect(try run("cat a 'b c'; id -u; id -g") == "one\ntwo\n\(geteuid())\n\(getegid())\nexited(0)")
        let attempts = ["echo x > a", "rm -f a", "mv own a", "ln a b", "truncate -s 0 a", "chmod 777 a"]
        for attempt in attempts {
            #expect(try run("(\(attempt)) 2>/dev/null || echo no").contains("no\n"), "\(attempt)")
        }
        #expect(try Files.read(project.root + "/a.source") == Array("one\n".utf8))
        #expect(try run("exit 3") == "exited(3)")
        // Nobody else sees the mount, and the folder can go.
        #expect(try Files.read(project.stage + "/a") == [])
        let mounts = String(decoding: try Files.read("/proc/self/mountinfo"), as: UTF8.self)
        #expect(!mounts.contains(project.stage))
    }

    @Test(.enabled(if: Project.canBind, "no mount namespaces here"))
    func whatCannotBeBoundSaysWhere() throws {
        let project = try Project()
        var bind = try project.bind("one\n", at: "a")
        func start() throws -> [String] {
            let outcome = try project.scene.run("true") {
                $0.workingDirectory = project.stage
                $0.confinement = Confinement(binds: [bind])
            }
            guard case .couldNotStart(let number) = outcome.ending else { return ["\(outcome.ending)"] }
            return [String(cString: strerror(number)), outcome.obstacle ?? "-"]
        }
        #expect(try start() == ["exited(0)"])
        bind.target = project.stage + "/gone"
        #expect(try start() == ["No such file or directory", bind.target])
        bind = .init(source: project.root + "/gone", target: project.stage + "/a")
        #expect(try start() == ["No such file or directory", bind.source])
    }

    @Test(.enabled(if: Project.canHide, "files cannot be hidden on this kernel"))
    func whatCannotBeStartedConfinedSaysWhyAndWhere() throws {
        let project = try Project()
        func start(_ change: (inout ProcessRequest) -> Void) throws -> [String] {
            let outcome = try project.scene.run("true") {
                $0.confinement = project.hiding
                change(&$0)
            }
            guard case .couldNotStart(let number) = outcome.ending else { return ["\(outcome.ending)"] }
            return [String(cString: strerror(number)), outcome.obstacle ?? "-"]
        }
        #expect(try start { $0.arguments = ["/no/such"] } == ["No such file or directory", "/no/such"])
        #expect(try start { $0.workingDirectory = "/no" } == ["No such file or directory", "/no"])
        // A program of the hidden folder is a file of it.
        let program = project.root + "/tool"
        try Files.write(Array("#!/bin/sh\n".utf8), to: program)
        chmod(program, 0o755)
        #expect(try start { $0.arguments = [program] } == ["Permission denied", program])
        #expect(
            try start {
                $0.arguments = [program]
                $0.confinement?.readable = [program]
            } == ["exited(0)"])
    }

    @Test func programsOfTheProjectBringWhatLiesAroundThem() throws {
        let project = try Project()
        let root = project.root
        for folder in ["venv/bin", "bin", "tools"] { try Files.makeDirectories(root + "/" + folder) }
        let path = "/usr/bin:\(root)/venv/bin:\(root)/bin::\(root)/tools:\(root)/none:\(root):bin"
        #expect(
            Confinement.programFolders(path, below: root)
                == ["\(root)/venv", "\(root)/bin", "\(root)/tools"])
    }

    @Test func theRootOfAllFilesIsNotHidden() {
        #expect(Confinement.obstacle(hiding: "/") != nil)
        #expect(Confinement.obstacle(hiding: "/nowhere/at/all") != nil)
    }

    @Test func whereAnybodyMakesFilesNothingIsHidden() throws {
        let scene = try Scene()
        let outcome = try scene.run("echo x > data; cat data") {
            $0.confinement = Confinement(hiddenRoot: scene.folder)
        }
        #expect(outcome.ending == .exited(0) && scene.logText == "x\n")
        #expect(Confinement.obstacle(hiding: scene.folder) != nil)
    }

    @Test(.enabled(if: Project.canHide, "files cannot be hidden on this kernel"))
    func rulesAreKeptUntilSomethingChangesBesideTheWay() throws {
        let project = try Project()
        let inner = project.root + "/inner"
        try Files.makeDirectories(inner)
        usleep(50_000)
        let cache = ReadRulesCache()
        let hiding = Confinement(hiddenRoot: inner)
        // Others may make files there meanwhile; one round without will do.
        let isKept = waited(10) { cache.rules(for: hiding) === cache.rules(for: hiding) }
        #expect(isKept)
        let before = try #require(cache.rules(for: hiding))
        try Files.write([], to: project.root + "/beside")
        #expect(cache.rules(for: hiding) !== before)
        #expect(cache.rules(for: Confinement()) == nil && cache.rules(for: nil) == nil)
    }
}
