using System.CommandLine;
using Virt.Daemon.Hosting.Check;
using Virt.Errors;

namespace Virt.Daemon.Hosting.Commands;

/// <summary><c>virtd check</c>: what an administrator runs on a new host.</summary>
internal static class CheckCommand
{
    public static Command Create(Func<ParseResult, VirtdOptions> options)
    {
        var boot = new Option<bool>("--boot") { Description = "Also boot three guests and shut them down, on a folder of its own." };
        var guest = new Option<string?>("--guest")
        {
            Description = "The folder with vmlinuz and initrd.img to boot; without it only the firmware runs.", HelpName = "DIR",
        };
        var check = new Command("check", "Look at this host: KVM, QEMU, permissions, folders, and what to do about each finding.") { boot, guest };
        check.SetAction((result, cancel) => CommandFault.ReportAsync(async () =>
        {
            bool sound = await FindingsAsync(options(result), cancel).ConfigureAwait(false);
            if (result.GetValue(boot) || result.GetValue(guest) is not null)
                sound &= await WalkAsync(result.GetValue(guest), cancel).ConfigureAwait(false);
            return sound ? 0 : 1;
        }));
        return check;
    }

    private static async Task<bool> FindingsAsync(VirtdOptions options, CancellationToken cancel)
    {
        bool sound = true;
        await foreach (CheckItem item in new HostChecks(options.Directories, options.ConfigFile, CapabilitiesProbe.RunAsync).RunAsync(cancel).ConfigureAwait(false))
        {
            item.Print(Console.Out);
            sound &= item.Status != CheckStatus.Fail;
        }

        return sound;
    }

    private static async Task<bool> WalkAsync(string? guestFolder, CancellationToken cancel)
    {
        if (guestFolder is not null && !File.Exists(Path.Combine(guestFolder, "vmlinuz")))
        {
            throw new VirtException(
                VirtErrorCode.InvalidArgument, $"{guestFolder} has no vmlinuz", guestFolder, "Name a folder with vmlinuz and initrd.img, or leave --guest out.");
        }

        await Console.Out.WriteLineAsync().ConfigureAwait(false);
        try
        {
            await new BootWalk(Console.Out, guestFolder).RunAsync(cancel).ConfigureAwait(false);
            return true;
        }
        catch (VirtException)
        {
            // The step has been printed with its error.
            return false;
        }
    }
}
