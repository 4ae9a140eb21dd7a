using System.Management.Automation;
using Virt.Domains;
using Virt.Errors;
using Virt.Terminals;

namespace Virt.PowerShell;

/// <summary>What a domain is exported as.</summary>
public enum ExportFormat
{
    /// <summary>Libvirt's domain XML.</summary>
    Xml,
    /// <summary>The command line of QEMU.</summary>
    QemuArgs,
}

/// <summary>Exports domains: their XML, or the QEMU command line that would run them.</summary>
[Cmdlet(VerbsData.Export, "VirtDomain", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(string), typeof(FileInfo), typeof(LaunchCommand))]
public sealed class ExportVirtDomainCommand : DomainCommand
{
    private readonly HashSet<string> _files = new(StringComparer.Ordinal);

    /// <summary>The file to write, or a folder, where each domain gets a file of its name. Without it, the text is returned.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The domain's XML, or the command line of QEMU.</summary>
    [Parameter]
    public ExportFormat Format { get; set; }

    /// <summary>The running definition, where the domain is active; without it that of the next start.</summary>
    [Parameter]
    public SwitchParameter Live { get; set; }

    /// <summary>With passwords; not on a read-only connection.</summary>
    [Parameter]
    public SwitchParameter Secure { get; set; }

    /// <summary>Returns the command line as an object: executable, arguments, environment.</summary>
    [Parameter]
    public SwitchParameter AsObject { get; set; }

    /// <summary>Overwrites no file.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    private string Extension => Format == ExportFormat.Xml ? ".xml" : ".sh";

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (AsObject && (Format == ExportFormat.Xml || Path is not null))
        {
            ThrowTerminatingError(ErrorMap.ToRecord(
                new VirtException(
                    VirtErrorCode.InvalidArgument, "-AsObject is for -Format QemuArgs without -Path", null,
                    "Add -Format QemuArgs and leave -Path out; Get-VirtXml returns XML as an object."),
                null));
        }
    }

    internal override bool Accept(VirtDomain domain)
    {
        if (Path is null)
            return true;
        string file = FileOf(domain);
        if (!_files.Add(file))
        {
            Fail(
                VirtException.Create(
                    VirtErrorCode.InvalidArgument, $"'{file}' has another domain already", domain.Name,
                    "Give a folder as -Path: each domain gets a file of its name there."),
                domain);
            return false;
        }

        string effect = $"Write domain '{domain.Name}' of {domain.VirtHost.Name} to '{file}'";
        return ShouldProcess(effect, effect + "?", "Confirm");
    }

    internal override async Task WorkAsync(VirtDomain domain, CancellationToken cancel)
    {
        XmlOptions options = (Live ? 0 : XmlOptions.Inactive) | (Secure ? XmlOptions.Secure : 0);
        string xml = await CallAsync(
            domain, "GetDomainXml", (driver, token) => driver.GetDomainXmlAsync(domain.Uuid, options, token), cancel)
            .ConfigureAwait(false);
        if (Format == ExportFormat.Xml)
        {
            await OutAsync(domain, [VisibleText.Xml(xml.TrimEnd('\n'))], cancel).ConfigureAwait(false);
            return;
        }

        LaunchCommand command = await CallAsync(
            domain, "GetLaunchCommand", (driver, token) => driver.GetLaunchCommandAsync(xml, token), cancel).ConfigureAwait(false);
        if (AsObject)
            Emit(VisibleCapabilities.Of(command));
        else
            await OutAsync(domain, ShellText.Lines(command), cancel).ConfigureAwait(false);
    }

    private async Task OutAsync(VirtDomain domain, IReadOnlyList<string> lines, CancellationToken cancel)
    {
        if (Path is null)
        {
            foreach (string line in lines)
                Emit(line);
            return;
        }

        string file = FileOf(domain);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        var stream = new FileStream(file, NoClobber ? FileMode.CreateNew : FileMode.Create, FileAccess.Write);
        await using (stream.ConfigureAwait(false))
        {
            var writer = new StreamWriter(stream) { NewLine = "\n" };
            await using (writer.ConfigureAwait(false))
            {
                foreach (string line in Format == ExportFormat.QemuArgs ? lines.Prepend("#!/bin/sh") : lines)
                    await writer.WriteLineAsync(line.AsMemory(), cancel).ConfigureAwait(false);
            }
        }

        Emit(new FileInfo(file));
    }

    private string FileOf(VirtDomain domain)
    {
        string path = GetUnresolvedProviderPathFromPSPath(Path!);
        if (!Directory.Exists(path) && Path![^1] is not ('/' or '\\'))
            return path;
        char[] bad = System.IO.Path.GetInvalidFileNameChars();
        return System.IO.Path.Combine(path, string.Concat(domain.Name.Select(c => bad.Contains(c) ? '_' : c)) + Extension);
    }
}
