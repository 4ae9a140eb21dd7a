namespace Virt.Daemon.Hosting;

/// <summary>The entry point of virtd.</summary>
internal static class Program
{
    private static int Main() => 0;
}
