using System.Management.Automation;
using MessagePack;

namespace Virt.OtherModule;

/// <summary>Encodes a text with the MessagePack that this module has brought.</summary>
[Cmdlet(VerbsData.ConvertTo, "OtherPack")]
[OutputType(typeof(byte[]))]
public sealed class ConvertToOtherPackCommand : PSCmdlet
{
    /// <summary>The text.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string Text { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord() => WriteObject(MessagePackSerializer.Serialize(Text));
}
