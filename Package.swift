// swift-tools-version: 6.2
import PackageDescription

// Two columns that meet only at the top (docs/architecture.md): the runner
// never imports a tensor, a kernel never sees a pipeline. Targets below are
// listed bottom to top; a target may depend only on targets above it in this
// file.

/// Settings of every Swift target: a warning is an error, existentials say so,
/// and a member is visible only where its module is imported.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// Links Swift into the binary while the tests keep the shared libraries, from
/// the same compiled modules. Modules compiled for shared linking do not name
/// the archives that Foundation's archive needs, so they stand here
/// (docs/decisions/0002-one-configuration-for-tests-and-binary.md). Without a
/// fixed address every start would adjust 50,000 pointers, half a millisecond
/// each time (docs/decisions/0008-a-fixed-address.md).
let staticSwift: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-static-stdlib", "-Xclang-linker", "-no-pie", "-l_FoundationCollections", "-l_FoundationCShims",
            "-lswiftSynchronization",
        ], .when(platforms: [.linux]))
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.byName(name: name)] + dependencies, exclude: exclude,
        swiftSettings: strict)
}

/// One level of the kernels; the three share one folder (two are links to it).
/// `-O` keeps them fast in debug builds, and without math errno a square root
/// is an instruction (docs: numerics).
func kernels(_ name: String, _ flags: [String]) -> Target {
    .target(
        name: name, dependencies: ["CTensorKernels"],
        swiftSettings: strict + [.unsafeFlags(["-O", "-Xcc", "-fno-math-errno"] + flags)])
}

let package = Package(
    name: "sluice",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "sluice", targets: ["sluice"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    ],
    targets: [
        // 0  facts, system calls, C
        .systemLibrary(
            name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
        .systemLibrary(name: "CPNG"),
        .systemLibrary(name: "CPlatform"),
        .systemLibrary(name: "CDataFrames"),
        .systemLibrary(name: "CCurl"),
        .systemLibrary(name: "CMariaDB"),
        module("Diagnostics"),
        module("CanonicalJSON"),
        module("Platform", ["CPlatform"]),
        module("Charts"),
        module("Audio"),
        module("Archives", ["Platform"]),
        module("Images", ["CPNG", "Platform"]),
        module("TableTypes", ["CanonicalJSON"]),

        // 1  syntax, store, tables
        module("YAMLSyntax", ["CLibYAML", "Diagnostics"]),
        module(
            "ContentStore",
            [
                "CPlatform", "CanonicalJSON", "Diagnostics", "Platform",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        module("DataFrames", ["CDataFrames", "CanonicalJSON", "TableTypes"]),
        module("XMLTables", ["CanonicalJSON", "DataFrames", "Platform"]),
        module("JSONTables", ["CanonicalJSON", "DataFrames", "TableTypes"]),
        module("Safetensors", ["CanonicalJSON", "Platform"]),
        module("ArrowIPC", ["CanonicalJSON", "DataFrames", "TableTypes", "Platform"]),
        module("Parquet", ["ArrowIPC", "CanonicalJSON", "DataFrames", "TableTypes", "Platform"]),
        module("Transfers", ["CCurl", "CanonicalJSON", "DataFrames", "Platform", "XMLTables"]),
        module(
            "SQLDatabases", ["ArrowIPC", "CMariaDB", "CanonicalJSON", "DataFrames", "Platform", "TableTypes"]),
        module("TableOperations", ["CDataFrames", "DataFrames", "Diagnostics", "TableTypes"]),

        .systemLibrary(name: "CTensorKernels"),
        kernels("TensorKernelsPlain", []),
        kernels("TensorKernelsV3", ["-Xcc", "-march=x86-64-v3"]),
        kernels("TensorKernelsV4", ["-Xcc", "-march=x86-64-v4", "-DSLUICE_V4"]),
        module(
            "TensorKernels", ["CTensorKernels", "TensorKernelsPlain", "TensorKernelsV3", "TensorKernelsV4"]),

        module("TensorCore", ["CTensorKernels", "Platform", "TensorKernels"]),
        module("Autograd", ["TensorCore"]),
        module(
            "NeuralNetworks", ["Autograd", "CTensorKernels", "Safetensors", "TensorCore", "TensorKernels"]),

        // 2  the language
        module(
            "PipelineLanguage", ["YAMLSyntax", "Diagnostics", "CanonicalJSON", "Platform", "TableTypes"]),

        // 3  the plan
        module(
            "Planner",
            [
                "PipelineLanguage", "YAMLSyntax", "ContentStore", "TableTypes", "Diagnostics",
                "CanonicalJSON", "Platform",
            ]),

        // 4  execution
        module("Processes", ["CPlatform", "Diagnostics"]),
        module(
            "Executor",
            [
                "CPlatform", "Planner", "Processes", "PipelineLanguage", "ContentStore", "TableTypes",
                "Diagnostics",
                "CanonicalJSON", "Platform",
            ]),

        module(
            "Estimators",
            ["Autograd", "CanonicalJSON", "NeuralNetworks", "Platform", "TensorCore", "TensorKernels"]),

        // 5  the built-in stages
        module(
            "StageLibrary",
            [
                "Archives", "ArrowIPC", "Audio", "CanonicalJSON", "Charts", "ContentStore", "DataFrames",
                "Diagnostics", "Estimators", "Images", "JSONTables",
                "Parquet", "PipelineLanguage", "Platform", "SQLDatabases", "Safetensors", "TableOperations",
                "TableTypes", "TensorKernels", "Transfers", "XMLTables",
            ]),

        // 6  a project's pipelines: found, read, planned, run, explained
        module(
            "Projects",
            [
                "ArrowIPC", "Charts", "CPlatform", "Processes", "StageLibrary", "Executor", "Planner",
                "PipelineLanguage", "YAMLSyntax", "ContentStore",
                "TableTypes", "Diagnostics", "CanonicalJSON", "Platform",
            ]),

        // 7  the command
        .executableTarget(
            name: "sluice",
            dependencies: [
                "Projects", "StageLibrary", "Executor", "Planner", "Processes", "PipelineLanguage",
                "ContentStore", "TableTypes", "Diagnostics", "CanonicalJSON", "Charts", "Platform",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict,
            linkerSettings: staticSwift),

        // Our side of `make bench`.
        .target(name: "Probes", path: "Benchmarks/Probes"),
        .target(
            name: "BenchLoop", dependencies: ["Probes"], path: "Benchmarks/BenchLoop", swiftSettings: strict),
        .executableTarget(
            name: "tensor-bench",
            dependencies: [
                "Autograd", "BenchLoop", "CTensorKernels", "NeuralNetworks", "Probes", "TensorCore",
                "TensorKernels",
            ],
            path: "Benchmarks/TensorBench", swiftSettings: strict, linkerSettings: staticSwift),
        .executableTarget(
            name: "table-bench",
            dependencies: [
                "ArrowIPC", "BenchLoop", "CanonicalJSON", "DataFrames", "Images", "JSONTables", "Parquet",
                "PipelineLanguage", "Platform", "Probes", "StageLibrary", "TableOperations", "TableTypes",
            ],
            path: "Benchmarks/TableBench", swiftSettings: strict, linkerSettings: staticSwift),
        .executableTarget(
            name: "keeper-host", dependencies: ["Processes"], path: "Tests/KeeperHost", swiftSettings: strict),

        tests("Diagnostics", []),
        tests("CanonicalJSON", []),
        tests("Charts", []),
        tests("Archives", ["Platform"], exclude: ["Fixtures", "make.py"]),
        tests("Audio", ["CanonicalJSON", "Platform"], exclude: ["Fixtures", "cases.json", "make.py"]),
        tests(
            "Images", ["CanonicalJSON", "Platform"],
            exclude: ["Fixtures", "cases.json", "jpeg-cases.json", "make.py", "make_jpeg.py", "peers"]),
        tests("Platform", []),
        tests("TableTypes", ["CanonicalJSON"]),
        tests("YAMLSyntax", ["Diagnostics"]),
        tests("ContentStore", ["CanonicalJSON", "Diagnostics", "Platform"]),
        tests("DataFrames", ["Platform", "TableTypes"]),
        tests("JSONTables", ["CanonicalJSON", "DataFrames", "TableTypes"]),
        tests("XMLTables", ["CanonicalJSON", "DataFrames", "Platform"]),
        .target(
            name: "TestTables", dependencies: ["DataFrames", "TableTypes"], path: "Tests/TestTables",
            swiftSettings: strict),
        tests(
            "ArrowIPC", ["DataFrames", "TableTypes", "CanonicalJSON", "Platform", "TestTables"],
            exclude: ["Goldens", "peers"]),
        tests(
            "Parquet",
            ["ArrowIPC", "DataFrames", "TableTypes", "CanonicalJSON", "Platform", "TestTables"],
            exclude: ["Goldens", "peers"]),
        .target(
            name: "TestServers", dependencies: ["Platform"], path: "Tests/TestServers", swiftSettings: strict),
        tests("Transfers", ["CanonicalJSON", "Platform", "TestServers"]),
        tests(
            "SQLDatabases",
            ["ArrowIPC", "CanonicalJSON", "DataFrames", "Platform", "TableTypes", "TestServers"]),
        tests(
            "TableOperations", ["ArrowIPC", "DataFrames", "Diagnostics", "Platform", "TableTypes"],
            exclude: ["peers"]),
        tests(
            "PipelineLanguage", ["YAMLSyntax", "Diagnostics", "CanonicalJSON", "Platform", "TableTypes"],
            exclude: ["Fixtures"]),
        tests(
            "StageLibrary",
            [
                "ArrowIPC", "CanonicalJSON", "ContentStore", "DataFrames", "Diagnostics", "Estimators",
                "Images", "Parquet",
                "PipelineLanguage", "Platform", "Safetensors", "TableTypes", "TensorKernels", "TestServers",
                "YAMLSyntax",
            ],
            exclude: ["Frictionless", "Goldens"]),
        tests(
            "Planner", ["PipelineLanguage", "ContentStore", "CanonicalJSON", "Platform"],
            exclude: ["Goldens"]),
        tests("Processes", ["keeper-host", "Platform"]),
        tests("Executor", ["CanonicalJSON", "ContentStore", "Platform"]),
        tests(
            "Projects",
            [
                "StageLibrary", "Planner", "PipelineLanguage", "ContentStore", "TableTypes", "ArrowIPC",
                "DataFrames", "Diagnostics", "CanonicalJSON", "Platform", "YAMLSyntax",
            ], exclude: ["Goldens", "Fixtures"]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Projects", "Processes", "ContentStore", "CanonicalJSON", "CPlatform", "Platform",
                "TestServers",
            ],
            exclude: ["Goldens", "SharedData"],
            swiftSettings: strict),
        tests("TensorKernels", ["CTensorKernels"]),
        tests("TensorCore", ["TensorKernels"]),
        tests("Autograd", ["TensorCore", "TensorKernels"]),
        tests(
            "NeuralNetworks",
            [
                "Autograd", "CanonicalJSON", "Images", "Platform", "Safetensors", "TensorCore",
                "TensorKernels",
            ],
            exclude: ["Digits", "Peers"]),
        tests("Safetensors", ["CanonicalJSON", "Platform"], exclude: ["Goldens"]),
        tests(
            "Estimators",
            ["Autograd", "CanonicalJSON", "NeuralNetworks", "Platform", "TensorCore", "TensorKernels"],
            exclude: ["Goldens"]),
    ]
)

// Fuzzing (Fuzz/README.md) needs libFuzzer and is no part of a normal build.
if Context.environment["SLUICE_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "Archives", "ArrowIPC", "Audio", "CanonicalJSON", "DataFrames", "Diagnostics", "Images",
                "JSONTables", "Parquet",
                "PipelineLanguage", "Planner", "Platform", "TableOperations", "TableTypes", "XMLTables",
                "YAMLSyntax",
            ], path: "Fuzz/Sources", swiftSettings: strict))
}

// `make sanitize`: tests of the numeric column, and of what they stand on, alone.
if Context.environment["SLUICE_SANITIZE"] != nil {
    let tests: Set = [
        "PlatformTests", "TensorKernelsTests", "TensorCoreTests", "AutogradTests", "NeuralNetworksTests",
    ]
    func needed(_ names: Set<String>) -> Set<String> {
        let below = package.targets.filter { names.contains($0.name) }.flatMap(\.dependencies).compactMap {
            if case .byNameItem(let name, _) = $0 { name } else { nil }
        }
        let all = names.union(below)
        return all == names ? names : needed(all)
    }
    let kept = needed(tests)
    package.targets.removeAll { !kept.contains($0.name) }
    package.products = []
    package.dependencies = []
}
