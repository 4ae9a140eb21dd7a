using Virt.Rpc;

namespace Virt.Domains;

/// <summary>How a definition would be run.</summary>
/// <param name="Executable">The emulator's path.</param>
/// <param name="Arguments">Its arguments, each as it is.</param>
/// <param name="Environment">Its whole environment.</param>
[Wire]
public sealed record LaunchCommand(
    string Executable, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment);
