using System.CommandLine;

namespace Virt.Daemon.Hosting.Commands;

/// <summary>virtd's command line.</summary>
internal static class VirtdCommandLine
{
    private static readonly Option<string?> Root = new("--root")
    {
        Description = "Run below this folder instead of /: for tests, demos and a virtd beside another.", HelpName = "DIR", Recursive = true,
    };

    private static readonly Option<bool> Session = new("--session")
    {
        Description = "Run for the current user, in the XDG folders. The default for everyone but root.", Recursive = true,
    };

    private static readonly Option<string?> Config = new("--config")
    {
        Description = "The configuration file instead of virtd.json in the config folder.", HelpName = "FILE", Recursive = true,
    };

    private static readonly Option<int?> Timeout = new("--timeout")
    {
        Description = "Leave after so many seconds without clients and active domains.", HelpName = "SECONDS",
    };

    private static readonly Option<bool> Verbose = new("--verbose", "-v") { Description = "Log debug lines too." };

    /// <summary>Builds the commands.</summary>
    public static RootCommand Create()
    {
        Timeout.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1)
                result.AddError("--timeout takes a number of seconds from 1 on.");
        });
        var root = new RootCommand("virtd, the daemon of Virt: QEMU/KVM virtual machines managed from PowerShell.")
        {
            Root, Session, Config, Timeout, Verbose,
            CheckCommand.Create(Options), UserCommand.Create(Options), PkiCommand.Create(Options), AccessCommand.Create(Options),
            StatusCommand.Create(Options), GuestsCommand.Create(Options), ProxyCommand.Create(Root, Session),
        };
        root.SetAction((result, cancel) => CommandFault.ReportAsync(async () =>
        {
            await new VirtdHost(Options(result)).RunAsync(cancel).ConfigureAwait(false);
            return 0;
        }));
        return root;
    }

    private static VirtdOptions Options(ParseResult result) => new(
        result.GetValue(Root),
        result.GetValue(Session) || (result.GetValue(Root) is null && !Environment.IsPrivilegedProcess),
        result.GetValue(Config),
        result.GetValue(Timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        result.GetValue(Verbose));
}
