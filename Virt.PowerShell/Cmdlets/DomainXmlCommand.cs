using System.Management.Automation;
using System.Xml.Linq;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>The base of commands that make domains of XML: reads text, lines of text, documents and files.</summary>
public abstract class DomainXmlCommand : HostCommand
{
    private readonly XmlLines _lines = new();
    private readonly SemaphoreSlim _slots = new(32);

    /// <summary>Starts it.</summary>
    [Parameter]
    public SwitchParameter Start { get; set; }

    /// <summary>Starts it paused, before the guest's first instruction.</summary>
    [Parameter]
    public SwitchParameter Paused { get; set; }

    /// <summary>Starts it with its host.</summary>
    [Parameter]
    public SwitchParameter Autostart { get; set; }

    /// <summary>Checks the XML strictly: what Virt does not know is an error.</summary>
    [Parameter]
    public SwitchParameter Validate { get; set; }

    /// <summary>Replaces the definition of a domain with the same name and uuid.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>The one host that domains are made on.</summary>
    internal VirtHost OneHost()
    {
        IReadOnlyList<VirtHost> hosts = MeantHosts();
        if (hosts.Count != 1)
            End($"a domain is made on one host, and {hosts.Count} are connected", "Name the host with -VirtHost.");
        return hosts[0];
    }

    /// <summary>Ends the command, because its parameters make no sense.</summary>
    internal void End(string message, string action) => ThrowTerminatingError(
        ErrorMap.ToRecord(new VirtException(VirtErrorCode.InvalidArgument, message, null, action), null));

    internal DomainMaker Maker(bool transient) => new(this, _slots)
    {
        Start = Start || Paused, Paused = Paused, Transient = transient, Validate = Validate, Replace = Force, Autostart = Autostart,
    };

    /// <summary>Makes a domain of each document; one that cannot be read is an error about it.</summary>
    internal void MakeAll(
        VirtHost host, DomainMaker maker, IEnumerable<(string Xml, object Input)> documents, Action<XElement>? change = null)
    {
        foreach ((string text, object input) in documents)
        {
            string xml = text;
            XElement domain;
            try
            {
                domain = SafeXml.Parse(text, "domain");
            }
            catch (VirtException malformed)
            {
                Fail(malformed, input);
                continue;
            }

            if (change is not null)
            {
                change(domain);
                xml = domain.ToString();
            }

            string name = domain.Element("name")?.Value.Trim() ?? "";
            Guid? uuid = Guid.TryParse(domain.Element("uuid")?.Value.Trim(), out Guid said) ? said : null;
            string effect = $"{maker.Verb} domain '{name}' on {host.Name}";
            if (ShouldProcess(effect, effect + "?", "Confirm"))
                Begin(input, cancel => maker.MakeAsync(host, xml, name, uuid, cancel));
        }
    }

    /// <summary>The documents that are whole now, each with what the user gave.</summary>
    internal IEnumerable<(string Xml, object Input)> Documents(IEnumerable<DomainXml> inputs)
    {
        foreach (DomainXml input in inputs)
        {
            if (input.File is { } file)
            {
                foreach ((string, object) read in Files([file]))
                    yield return read;
            }
            else
            {
                foreach (string whole in _lines.Add(input.Text!))
                    yield return (whole, whole);
            }
        }
    }

    /// <summary>What came last and is not whole.</summary>
    internal IEnumerable<(string Xml, object Input)> Rest() => _lines.End().Select(rest => (rest, (object)rest));

    /// <summary>The documents in files; a file that cannot be read is an error about it.</summary>
    internal IEnumerable<(string Xml, object Input)> Files(IEnumerable<string> paths)
    {
        foreach (string path in paths)
        {
            string? xml = null;
            try
            {
                xml = File.ReadAllText(path);
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                Fail(unreadable, path);
            }

            if (xml is not null)
                yield return (xml, path);
        }
    }

    /// <summary>The files that paths, also with wildcards, mean on this machine.</summary>
    internal IEnumerable<string> Resolve(IEnumerable<string> paths)
    {
        foreach (string path in paths)
        {
            IReadOnlyCollection<string> found = [];
            try
            {
                found = [.. GetResolvedProviderPathFromPSPath(path, out _)];
            }
            catch (Exception missing) when (missing is not PipelineStoppedException)
            {
                Fail(
                    new VirtException(VirtErrorCode.InvalidArgument, missing.Message, path, "Give the path of a file with domain XML.", missing),
                    path);
            }

            foreach (string file in found)
                yield return file;
        }
    }
}
