using System.Text.Json;
using System.Text.Json.Serialization;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Store;

/// <summary>What virtd notes of a saved guest, in a file that no guest's process ever gets. QEMU's stream is another file.</summary>
/// <param name="Format">The format of this file: 2.</param>
/// <param name="Paused">Whether the guest was paused when it was saved.</param>
/// <param name="Xml">The definition of the run that was saved.</param>
/// <param name="Image">The memory image; null while it is being written.</param>
internal sealed record SavedState(int Format, bool Paused, string Xml, SavedImage? Image = null)
{
    /// <summary>The format this version writes. In format 1 the definition stood before QEMU's stream, in the same file.</summary>
    public const int CurrentFormat = 2;

    /// <summary>Makes sense of a file.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationFailed"/>: it is none.</exception>
    public static SavedState Parse(ReadOnlySpan<byte> json, string path)
    {
        try
        {
            SavedState state = JsonSerializer.Deserialize(json, SavedStateJson.Default.SavedState) ?? throw Damaged(path, "it is empty");
            return state.Format == CurrentFormat ? state : throw Damaged(path, $"its format {state.Format} is not known");
        }
        catch (JsonException torn)
        {
            throw Damaged(path, torn.Message);
        }
    }

    /// <summary>Its file's content.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, SavedStateJson.Default.SavedState);

    /// <summary>The definition, checked as any other.</summary>
    public DomainDefinition Parse() => DomainDefinition.Parse(Xml);

    /// <summary>Checks that it is of a domain.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationFailed"/> when it is another's, or makes no sense.</exception>
    public void DemandOf(Guid uuid, string path)
    {
        try
        {
            if (Parse() is var definition && definition.Uuid != uuid)
                throw Damaged(path, $"it is of domain '{definition.Name}' with the uuid {definition.Uuid:D}");
        }
        catch (VirtException fault) when (fault.Code != VirtErrorCode.OperationFailed)
        {
            throw Damaged(path, fault.Message);
        }
    }

    /// <summary>The error for what cannot be restored.</summary>
    public static VirtException Damaged(string path, string why) => new(
        VirtErrorCode.OperationFailed, $"'{path}' is not a saved guest: {why}",
        recommendedAction: "Start the domain afresh with Start-VirtDomain -ForceBoot, which drops the saved state.");
}

/// <summary>The JSON of saved states.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, MaxDepth = 8)]
[JsonSerializable(typeof(SavedState))]
internal sealed partial class SavedStateJson : JsonSerializerContext;
