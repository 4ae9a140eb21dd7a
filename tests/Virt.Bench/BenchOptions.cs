namespace Virt.Bench;

/// <summary>How the benchmark is run.</summary>
/// <param name="Daemon">The virtd.</param>
/// <param name="Module">The module's folder; null for none, and then nothing is measured in PowerShell.</param>
/// <param name="ReadyModule">The folder of the module that is compiled ahead, as the Debian package has it; null for none.</param>
/// <param name="Emulator">The QEMU that runs without anybody.</param>
/// <param name="Domains">How many domains are defined on both sides.</param>
internal sealed record BenchOptions(string Daemon, string? Module, string? ReadyModule, string Emulator, int Domains);
