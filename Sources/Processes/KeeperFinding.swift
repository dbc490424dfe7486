import CPlatform
import Diagnostics
import Glibc

/// What can go wrong between the runner and its keeper.
public enum KeeperFinding: Error, Finding, Hashable {
    case notStarted(executable: String, errno: Int32)
    /// The keeper ended by itself. `status` is what `wait` says of it.
    case gone(status: Int32)
    case garbled

    public var message: String {
        switch self {
        case .notStarted(let executable, let number):
            "cannot start the keeper '\(executable)': \(String(cString: strerror(number)))"
        case .gone(let status):
            switch ProcessOutcome.Ending(status: status) {
            case .signalled(let number): "the keeper was killed by signal \(number); all stages were stopped"
            case .exited(let code): "the keeper ended with exit code \(code); all stages were stopped"
            default: "the keeper is gone; all stages were stopped"
            }
        case .garbled: "the keeper sent something that is no message; all stages were stopped"
        }
    }

    public var fix: String? {
        switch self {
        case .notStarted: nil
        case .gone: "run again; what had ended is kept. 'dmesg' says whether the system ran out of memory"
        case .garbled: "run again; if it comes back, report it"
        }
    }
}

extension ProcessOutcome.Ending {
    /// Reads what `wait` gives. Source: wait(2).
    init(status: Int32) {
        let number = status & 0x7f
        self = number == 0 ? .exited((status >> 8) & 0xff) : .signalled(number)
    }
}
