using Virt.Errors;

namespace Virt.Remote.Transports.Processes;

/// <summary>A program that was started for one connection and ends with it.</summary>
internal abstract class ChildProcess : IDisposable
{
    /// <summary>Its process id, which means it as long as <see cref="Exited"/> is not complete.</summary>
    public abstract int Id { get; }

    /// <summary>Its standard output.</summary>
    public abstract Stream Output { get; }

    /// <summary>Its standard input.</summary>
    public abstract Stream Input { get; }

    /// <summary>Its standard error.</summary>
    public abstract Stream Error { get; }

    /// <summary>Whether what is written to <see cref="Error"/> can be read by the child from its standard error.</summary>
    public abstract bool HearsOnError { get; }

    /// <summary>Completes with its exit status, 128 and more for a signal, when it has ended and left the process table.</summary>
    public abstract Task<int> Exited { get; }

    /// <summary>Starts a program, without a shell, in this process's folder and environment with some variables added.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.SystemError"/>.</exception>
    public static ChildProcess Start(string executable, IReadOnlyList<string> arguments, params IReadOnlyList<(string Name, string Value)> variables) =>
        OperatingSystem.IsLinux()
            ? PosixChildProcess.Start(executable, arguments, variables)
            : PortableChildProcess.Start(executable, arguments, variables);

    /// <summary>Closes its pipes and sees to it that it ends, by force where it does not by itself.</summary>
    public abstract void Dispose();
}
