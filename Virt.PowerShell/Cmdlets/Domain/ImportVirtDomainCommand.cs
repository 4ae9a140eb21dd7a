using System.Management.Automation;

namespace Virt.PowerShell;

/// <summary>Makes domains of domain XML, as they are or as new ones.</summary>
[Cmdlet(VerbsData.Import, "VirtDomain", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low, DefaultParameterSetName = PathSet)]
[OutputType(typeof(VirtDomain))]
public sealed class ImportVirtDomainCommand : DomainXmlCommand
{
    private const string XmlSet = "Xml";
    private const string PathSet = "Path";

    private DomainMaker? _maker;

    /// <summary>Files with domain XML, on this machine.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true, Position = 0)]
    [Alias("PSPath", "FullName")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Domain XML: text, lines of text, documents, or files as Get-ChildItem finds them.</summary>
    [Parameter(ParameterSetName = XmlSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public DomainXml[] Xml { get; set; } = [];

    /// <summary>Another name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? NewName { get; set; }

    /// <summary>A new uuid and new MAC addresses, so that it can be beside the one it was made of.</summary>
    [Parameter]
    public SwitchParameter GenerateNewId { get; set; }

    private DomainMaker DomainMaker => _maker ??= Maker(transient: false);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        Make(ParameterSetName == PathSet ? Files(Resolve(Path)) : Documents(Xml));
        WriteReady();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        Make(Rest());
        WriteUntilDone();
    }

    private void Make(IEnumerable<(string Xml, object Input)> documents)
    {
        (string, object)[] all = [.. documents];
        if (all.Length > 0)
            MakeAll(OneHost(), DomainMaker, all, domain => DomainCopy.Apply(domain, NewName, GenerateNewId));
    }
}
