using System.Management.Automation;
using System.Text.RegularExpressions;
using Virt.Domains;
using Virt.Errors;
using Virt.Streams;
using Virt.Terminals;

namespace Virt.PowerShell;

/// <summary>Enters a text console of a domain with the terminal, or speaks with it from a script.</summary>
[Cmdlet(VerbsCommon.Enter, "VirtConsole", DefaultParameterSetName = Interactive)]
[OutputType(typeof(string), ParameterSetName = [Script])]
public sealed class EnterVirtConsoleCommand : DomainCommand
{
    private const string Interactive = "Interactive";
    private const string Script = "Script";

    private readonly List<FoundDomain> _found = [];

    /// <summary>The console's device; without it, the first.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("Alias")]
    [ArgumentCompleter(typeof(ConsoleDeviceCompleter))]
    public string? Device { get; set; }

    /// <summary>Disconnects whoever uses the console now.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>A file to which what the guest writes is appended.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Log { get; set; }

    /// <summary>Texts to send, one before each wait.</summary>
    [Parameter(ParameterSetName = Script)]
    [ValidateNotNull]
    [AllowEmptyString]
    public string[] InputText { get; set; } = [];

    /// <summary>Regular expressions to wait for, one after each text; the last serves the texts that remain.</summary>
    [Parameter(Mandatory = true, ParameterSetName = Script)]
    [ValidateNotNullOrEmpty]
    public string[] Until { get; set; } = [];

    /// <summary>How many seconds each wait may last.</summary>
    [Parameter(ParameterSetName = Script)]
    [ValidateRange(1, 86400)]
    public int TimeoutSec { get; set; } = 60;

    /// <summary>Takes the terminal over; tests put another in its place.</summary>
    internal Func<RawTerminal> OpenTerminal { get; set; } = TakeTerminal;

    internal override bool Take(FoundDomain found)
    {
        if (ParameterSetName == Script)
            return base.Take(found);
        _found.Add(found);
        return false;
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_found.Count > 1)
        {
            Fail(
                new VirtException(
                    VirtErrorCode.InvalidArgument, $"{_found.Count} domains are named, and a terminal has one console at a time", null,
                    "Name one domain, or use -Until to speak with many from a script."),
                null);
        }
        else if (_found.Count == 1)
        {
            FoundDomain found = _found[0];
            try
            {
                bool left = Await(cancel => VisitAsync(found.Domain, cancel));
                WriteVerbose(left ? "left the console" : "the console has ended");
            }
            catch (Exception failure) when (failure is VirtException or IOException or UnauthorizedAccessException)
            {
                Fail(failure, found.Input);
            }
        }

        base.EndProcessing();
    }

    internal override async Task WorkAsync(VirtDomain domain, CancellationToken cancel)
    {
        Regex[] patterns = [.. Until.Select(Pattern)];
        await using VirtStream console = await OpenAsync(domain, cancel).ConfigureAwait(false);
        using Stream? log = OpenLog();
        var dialog = new ConsoleDialog(console, $"the console of domain '{domain.Name}'", TimeSpan.FromSeconds(TimeoutSec), log);
        for (int i = 0; i < Math.Max(InputText.Length, patterns.Length); i++)
        {
            if (i < InputText.Length)
                await dialog.SendAsync(InputText[i], cancel).ConfigureAwait(false);
            Emit(await dialog.WaitAsync(patterns[Math.Min(i, patterns.Length - 1)], cancel).ConfigureAwait(false));
        }
    }

    private async Task<bool> VisitAsync(VirtDomain domain, CancellationToken cancel)
    {
        using RawTerminal terminal = OpenTerminal();
        await using VirtStream console = await OpenAsync(domain, cancel).ConfigureAwait(false);
        using Stream? log = OpenLog();
        return await new ConsoleVisit(console, terminal, log)
            .RunAsync($"Console of domain '{domain.Name}'{(Device is null ? "" : $", {Device}")}.", cancel).ConfigureAwait(false);
    }

    private Task<VirtStream> OpenAsync(VirtDomain domain, CancellationToken cancel) => CallAsync(
        domain, "OpenConsole",
        (driver, token) => driver.OpenConsoleAsync(
            domain.Uuid, string.IsNullOrEmpty(Device) ? null : Device, Force ? ConsoleOptions.Force : ConsoleOptions.None, token),
        cancel);

    private FileStream? OpenLog() => Log is null
        ? null
        : new FileStream(GetUnresolvedProviderPathFromPSPath(Log), FileMode.Append, FileAccess.Write, FileShare.ReadWrite);

    private static RawTerminal TakeTerminal() => Console.IsInputRedirected || Console.IsOutputRedirected
        ? throw new VirtException(
            VirtErrorCode.OperationInvalid, "Enter-VirtConsole needs a terminal, and input or output is redirected", null,
            "Run it in a terminal; in a script, give -Until, and -InputText for what is to be sent.")
        : RawTerminal.Open();

    private static Regex Pattern(string text)
    {
        try
        {
            return ConsoleDialog.Pattern(text);
        }
        catch (ArgumentException e)
        {
            throw new VirtException(
                VirtErrorCode.InvalidArgument, $"'{text}' is no regular expression: {e.Message}", text, "Correct -Until.", e);
        }
    }
}
